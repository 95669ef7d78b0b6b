import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFile, LineSummarizer } from '@ceres/lineproto';
import { formatKey, LocalStorage } from '@ceres/storage';
import { telegrafLines } from '@ceres/testkit';

/** The data that all contestants restore. */
export interface BenchData {
  readonly lines: number;
  readonly databases: readonly string[];
  /** The folder of the storage. */
  readonly backup: string;
  /** The compressed files, for the official tool. */
  readonly files: readonly string[];
  /** Ready-made bodies of 5,000 lines, for the bare poster. */
  readonly bodies: readonly { readonly database: string; readonly path: string }[];
}

const databaseCount = 10;
const filesPerDatabase = 4;
const bodyLines = 5_000;

/**
 * Makes the data of the published figures: 40 files of 10 databases, Telegraf-like lines of 290 bytes.
 *
 * @param overwritten the part of the points that a file more of each database writes again, with other values
 */
export async function makeData(folder: string, lines: number, series: number, overwritten = 0): Promise<BenchData> {
  const backup = join(folder, 'backup');
  const storage = new LocalStorage(backup);
  await mkdir(join(folder, 'bodies'), { recursive: true });
  const databases = Array.from({ length: databaseCount }, (_, i) => `db_${i}`);
  const files: string[] = [];
  const bodies: { database: string; path: string }[] = [];
  const linesPerFile = Math.floor(lines / databaseCount / filesPerDatabase);
  for (const [d, database] of databases.entries()) {
    const source = telegrafLines({
      lines: linesPerFile * filesPerDatabase,
      series: series / databaseCount,
      seed: d + 1,
    });
    for (let f = 0; f < filesPerDatabase; f += 1) {
      const parts: string[] = [];
      for (let left = linesPerFile; left > 0; left -= bodyLines) {
        const body = take(source, Math.min(bodyLines, left));
        const path = join(folder, 'bodies', `${d}-${f}-${left}`);
        await writeFile(path, body);
        bodies.push({ database, path });
        parts.push(body);
      }
      const key = await put(storage, database, Date.UTC(2024, 0, 10) + (f * databaseCount + d) * 300_000, parts);
      files.push(join(backup, key));
    }
    if (overwritten > 0) {
      const again = telegrafLines({ lines: linesPerFile, series: series / databaseCount, seed: d + 101 });
      const every = Math.round(1 / (filesPerDatabase * overwritten));
      const chosen = [...again].filter((_, i) => i % every === 0).join('');
      const key = await put(storage, database, Date.UTC(2024, 0, 11) + d * 300_000, [chosen]);
      files.push(join(backup, key));
    }
  }
  return { lines: linesPerFile * filesPerDatabase * databaseCount, databases, backup, files, bodies };
}

function take(source: Iterator<string>, count: number): string {
  let text = '';
  for (let i = 0; i < count; i += 1) text += source.next().value ?? '';
  return text;
}

async function put(storage: LocalStorage, database: string, openedMs: number, parts: readonly string[]) {
  const summary = new LineSummarizer();
  const bytes = parts.map((part) => Buffer.from(part));
  for (const part of bytes) summary.add(part);
  const found = summary.finish().summary;
  const instance = 'bench';
  const header = { database, retentionPolicy: '', instance, formatVersion: 1, precision: 's' } as const;
  const chunks: Uint8Array[] = [];
  const stream = encodeFile({ ...header, ...(found && { summary: found }) }, each(bytes));
  for await (const chunk of stream) chunks.push(chunk);
  const gz = Buffer.concat(chunks);
  const time = openedMs.toString(16).padStart(12, '0');
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
  const day = new Date(openedMs).toISOString().slice(0, 10).replaceAll('-', '');
  const key = formatKey({ instance, database, day, id });
  await storage.put(key, { sizeBytes: gz.byteLength, open: () => each([gz]) });
  return key;
}

async function* each(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
