import { encodeFile, type FileHeader, LineSummary } from '@ceres/lineproto';
import { formatKey, type ObjectWriter } from '@ceres/storage';
import { randomFrom } from '@ceres/testkit';

export interface OverwritesOptions {
  readonly instance: string;
  readonly lines: number;
  /** How many points the lines write again and again. */
  readonly points: number;
  readonly files: number;
  readonly seed: number;
}

/** What a server holds after a faithful restore, one line a value: see `contentOf`. */
export type Content = ReadonlySet<string>;

const seriesCount = 500;
const startMs = Date.UTC(2024, 0, 10, 23, 50);
const policies = ['rp_a', 'rp_b'];

/**
 * Writes a backup in which points are rewritten over and over, field by field, across files, days, policies and orders of
 * the tags. Every value is the number of its line, so that an older one that won is seen.
 *
 * @returns what remains where both policies are restored into one
 */
export async function writeOverwrites(storage: ObjectWriter, options: OverwritesOptions): Promise<Content> {
  const { lines, points, files, seed, instance } = options;
  const random = randomFrom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const times = Math.ceil(points / seriesCount);
  const values = new Map<string, number>();
  for (let file = 0; file < files; file += 1) {
    const text: string[] = [];
    for (let i = 0; i < Math.ceil(lines / files); i += 1) {
      const number = file * Math.ceil(lines / files) + i;
      const host = pick(seriesCount);
      const seconds = startMs / 1000 + pick(times) * 10;
      const tags = random() < 0.5 ? `host=h${host},zone=z` : `zone=z,host=h${host}`;
      const fields = ['a', 'b', 'c'].filter(() => random() < 0.5);
      if (fields.length === 0) fields.push('a');
      text.push(`m,${tags} ${fields.map((field) => `${field}=${number}i`).join(',')} ${seconds}\n`);
      for (const field of fields) values.set(`h${host} ${seconds}000000000 ${field}`, number);
    }
    const retentionPolicy = policies[pick(policies.length)] ?? '';
    await put(storage, { instance, retentionPolicy, openedMs: startMs + file * 60_000, lines: text.join('') });
  }
  return new Set([...values].map(([name, number]) => `${name}=${number}`));
}

/** Where `writeOverwrites` puts its files. */
const overwrittenDatabase = 'source';

async function put(
  storage: ObjectWriter,
  file: {
    readonly instance: string;
    readonly retentionPolicy: string;
    readonly openedMs: number;
    readonly lines: string;
  },
): Promise<void> {
  const { instance, retentionPolicy, openedMs } = file;
  const database = overwrittenDatabase;
  const lines = Buffer.from(file.lines);
  const summary = new LineSummary();
  summary.add(lines);
  const found = summary.finish().summary;
  const header: FileHeader = {
    ...{ database, retentionPolicy, instance, formatVersion: 1, precision: 's' },
    ...(found && { summary: found }),
    policy: { duration: 'INF', shardDuration: '1h' },
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeFile(header, once(lines))) chunks.push(chunk);
  const gz = Buffer.concat(chunks);
  const time = openedMs.toString(16).padStart(12, '0');
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
  const day = new Date(openedMs).toISOString().slice(0, 10).replaceAll('-', '');
  const key = formatKey({ instance, database, retentionPolicy, day, id });
  await storage.put(key, { sizeBytes: gz.byteLength, open: () => once(gz) });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
