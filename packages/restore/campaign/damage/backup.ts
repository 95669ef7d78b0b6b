import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectInfo, ObjectReader } from '@ceres/storage';
import { type BackupFile, gzOf, keyOf } from '../../test/support/backup';

/** How a file came to be. Damage in an older system's file can hide better: nothing certifies its lines. */
type Origin = 'this version' | 'the first version' | 'an older system';

/** A value as a database holds it, by its place: database, policy, series, time and field. */
export type Content = Map<string, string>;

/** A file of the backup before any damage. */
export interface WholeFile {
  readonly key: string;
  readonly origin: Origin;
  readonly gz: Buffer;
  readonly text: string;
  /** The values that the file writes, in their order; the times are those of its lines, ns. */
  readonly writes: readonly { readonly place: string; readonly value: string; readonly time: bigint }[];
}

export const databases = ['db_0', 'db_1'];
const policies = ['', 'rp_a'];
export const startS = Date.UTC(2024, 0, 10) / 1000;
/** The seconds that the points of all files are in, so that files rewrite each other's values. */
export const spanS = 600;

const linesPerFile = 30;

/** Makes a backup in which each value is the number of its line, so that one that was never written is found. */
export async function makeBackup(files: number, random: () => number): Promise<WholeFile[]> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const origins: readonly Origin[] = [
    'this version',
    'this version',
    'this version',
    'the first version',
    'an older system',
  ];
  const whole: WholeFile[] = [];
  const sequences = new Map<string, bigint>();
  for (let i = 0; i < files; i += 1) {
    const [database, retentionPolicy, origin] = [pick(databases), pick(policies), pick(origins)];
    // Each file has a time of its own, so that some lie outside a selected range.
    const fromS = startS + Math.floor(random() * spanS * 0.9);
    const lines: string[] = [];
    const writes: { place: string; value: string; time: bigint }[] = [];
    for (let n = 0; n < linesPerFile; n += 1) {
      const number = i * linesPerFile + n;
      const host = `h${Math.floor(random() * 12)}`;
      const timeS = fromS + Math.floor(random() * spanS * 0.1);
      lines.push(`m,host=${host} v=${number}i,f=${number}.5,s="text, \\"${number}\\"" ${timeS}\n`);
      const point = `${database} ${retentionPolicy || 'autogen'} m host=${host} ${timeS}`;
      const time = BigInt(timeS) * 1_000_000_000n;
      const fields = { v: number, f: number + 0.5, s: `text, "${number}"` };
      for (const [field, value] of Object.entries(fields)) {
        writes.push({ place: `${point} ${field}`, value: JSON.stringify(value), time });
      }
    }
    const policy = retentionPolicy === '' ? {} : { policy: { duration: 'INF', shardDuration: '1d' } };
    const writer = `w${i % 3}`;
    const partition = `${writer} ${database} ${retentionPolicy}`;
    // Files of an older system are not counted.
    const sequence = (sequences.get(partition) ?? 0n) + (origin === 'an older system' ? 0n : 1n);
    sequences.set(partition, sequence);
    const header = { ...policy, writer, sequence };
    const file: BackupFile = {
      database,
      retentionPolicy,
      openedMs: startS * 1000 + i * 1000,
      lines: lines.join(''),
      header,
    };
    const gz = await gzFrom(origin, file);
    whole.push({ key: keyOf(file), origin, gz, text: gunzipSync(gz).toString(), writes });
  }
  return whole;
}

async function gzFrom(origin: Origin, file: BackupFile): Promise<Buffer> {
  const gz = await gzOf(file);
  if (origin === 'this version') return gz;
  if (origin === 'the first version') {
    return gzipSync(
      gunzipSync(gz)
        .toString()
        .replace(/# CERES-HEADER-CRC: .*\n/, ''),
    );
  }
  const context = `# CONTEXT-DATABASE: ${file.database}\n# CONTEXT-RETENTION-POLICY: ${file.retentionPolicy}`;
  return gzipSync(`# DML\n${context}\n${file.lines}`);
}

/** Times of points, [from, until), ns. */
export interface Range {
  readonly from: bigint;
  readonly until: bigint;
}

export function isWithin(time: bigint, range: Range | undefined): boolean {
  return range === undefined || (time >= range.from && time < range.until);
}

/** Returns what a database holds after the files are replayed in order, of the selected times alone. */
export function contentAfter(files: readonly WholeFile[], range: Range | undefined): Content {
  const content: Content = new Map();
  for (const { writes } of files) {
    for (const { place, value, time } of writes) if (isWithin(time, range)) content.set(place, value);
  }
  return content;
}

/** A storage of these bytes. */
export function storageOf(files: ReadonlyMap<string, Buffer>): ObjectReader {
  return {
    async *list(prefix): AsyncGenerator<ObjectInfo> {
      for (const key of [...files.keys()].sort()) {
        if (key.startsWith(prefix)) yield { key, sizeBytes: files.get(key)?.length ?? 0, createdMs: startS * 1000 };
      }
    },
    async *get(key, { start = 0, end } = {}) {
      yield (files.get(key) ?? Buffer.alloc(0)).subarray(start, end);
    },
  };
}
