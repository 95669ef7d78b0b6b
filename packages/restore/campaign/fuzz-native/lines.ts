import { randomFrom } from '@ceres/testkit';
import { LineGenerator } from '../../../lineproto/campaign/fuzz/generate';
import { type BackupFile, gzOf } from '../../test/support/backup';

const FILES = 4;
const START_MS = Date.UTC(2024, 0, 10);
const WEEK_S = 604_800;
/** The values of each type. */
const values = [
  ['1', '2.5', '-0', '1e300'],
  ['3i', '-9223372036854775808i', '0i'],
  ['t', 'false'],
  ['"x"', '"a \\"b\\" \\\\"', '""'],
] as const;
/** One value in this many has another type than its field. */
const ODD_VALUES = 20;
/** So many that most of them are new to a shard when a record contradicts another one. */
const FIELDS = 32;

/** Makes files whose lines meet in few points: fields of several types, last writes, times in a few shards, broken lines. */
export async function filesOf(database: string, lines: number, seed: number): Promise<BackupFile[]> {
  const files = generate(database, lines, seed);
  return await Promise.all(files.map(closed));
}

/** Returns the file up to the last line that ends a record: a string may have no end. */
async function closed(file: BackupFile): Promise<BackupFile> {
  for (let lines = Buffer.from(file.lines); ; lines = lines.subarray(0, lines.lastIndexOf(10, -2) + 1)) {
    const isWhole = await gzOf({ ...file, lines }).then(
      () => true,
      () => false,
    );
    if (isWhole) return { ...file, lines };
  }
}

function generate(database: string, lines: number, seed: number): BackupFile[] {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const generator = new LineGenerator(seed);
  generator.nextBatch();
  const nowS = Math.floor(Date.now() / 1_000);
  const plain = (time: string) => {
    const tags = ['', ',t=a', ',t=b,u=c', ',u=c,t=b'][below(4)];
    const fields = Array.from({ length: 1 + below(5) }, () => {
      const field = below(FIELDS);
      const some = values[(below(ODD_VALUES) === 0 ? below(FIELDS) : field) % values.length] ?? [];
      return `f${field}=${some[below(some.length)]}`;
    });
    return `m${below(3)}${tags} ${fields.join(',')} ${time}`;
  };
  return Array.from({ length: FILES }, (_, n) => {
    const isShort = n === FILES - 1;
    const parts: Buffer[] = [];
    for (let i = 0; i < lines / FILES; i += 1) {
      const seconds = isShort
        ? nowS - below(4) * 40_000 - 400 - below(20)
        : START_MS / 1_000 + below(3) * WEEK_S + below(20);
      const time = BigInt(seconds) * 1_000_000_000n + BigInt(below(2));
      parts.push(random() < 0.8 ? Buffer.from(plain(String(time))) : Buffer.from(generator.line(time).bytes));
      parts.push(Buffer.from('\n'));
    }
    const policy = isShort ? { duration: '24h', shardDuration: '1h' } : { duration: 'INF', shardDuration: '7d' };
    return {
      database,
      retentionPolicy: isShort ? 'short' : 'long',
      openedMs: START_MS + n,
      lines: Buffer.concat(parts),
      header: { precision: 'ns', policy },
    };
  });
}
