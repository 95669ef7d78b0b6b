import {
  bytesSource,
  ColumnBuffer,
  joinKey,
  openShard,
  type Shard,
  ShardWriter,
  type ShardWriterOptions,
  valueAt,
} from '@ceres/tsm';
import {
  addColumn,
  addShard,
  type Content,
  contentKey,
  differences,
  type Outcome,
  pointsIn,
  seriesKeyOf,
} from './content';
import { below, type FuzzField, pick, randomFields } from './random-fields';

const everything = { first: -(2n ** 63n) + 2n, last: 2n ** 63n - 2n };

/** Writes random points into several generations of files, some of them twice, and reads them back in both ways. */
export async function roundTrip(random: () => number, points: number): Promise<Outcome> {
  const fields = randomFields(random, points, everything, 'ourselves');
  const expected: Content = new Map();
  const files = new Map<string, Uint8Array>();
  for (const generation of [1, 2, 3]) {
    const written =
      generation === 1 ? fields : fields.filter(() => random() < 0.3).map((one) => overwrites(random, one));
    for (const one of written) addColumn(expected, contentKey(seriesKeyOf(one), one.field), one.column);
    const limits = {
      blockPointsMax: pick(random, [7, 1_000, 1_000]),
      fileBytesMax: pick(random, [5_000, 200_000, 2 ** 31]),
    };
    for (const [name, bytes] of await shardFiles(written, { generation, ...limits })) files.set(name, bytes);
  }
  const open = (): Promise<Shard> =>
    openShard({ files: [...files].map(([name, bytes]) => ({ name, source: bytesSource(name, bytes) })) });
  const byColumns: Content = new Map();
  await addShard(byColumns, await open());
  const all = [
    ...differences('written by us, read by us', expected, byColumns),
    ...differences('written by us, read by us as points', expected, await contentByPoints(await open())),
  ];
  return { points: pointsIn(expected), differences: all };
}

/** Returns the files of a shard, by their names. */
export async function shardFiles(
  fields: readonly FuzzField[],
  options?: ShardWriterOptions,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const writer = new ShardWriter(async (name) => {
    const chunks: Uint8Array[] = [];
    return {
      write: async (bytes) => void chunks.push(bytes.slice()),
      end: async () => void files.set(name, Buffer.concat(chunks)),
    };
  }, options);
  const keyed = fields.map((one) => ({
    key: joinKey(Buffer.from(seriesKeyOf(one)), Buffer.from(one.field)),
    column: one.column,
  }));
  for (const { key, column } of keyed.sort((a, b) => Buffer.compare(a.key, b.key))) await writer.write(key, column);
  await writer.finish();
  return files;
}

/** Takes some of the points, and gives them the values of others. */
function overwrites(random: () => number, { column, ...field }: FuzzField): FuzzField {
  const some = new ColumnBuffer(column.type, column.length);
  const shift = below(random, column.length);
  const every = 1 + below(random, 3);
  for (let i = below(random, column.length); i < column.length; i += every) {
    some.push(column.times[i] as bigint, valueAt(column, (i + shift) % column.length));
  }
  return { ...field, column: some };
}

async function contentByPoints(shard: Shard): Promise<Content> {
  const content: Content = new Map();
  for await (const { seriesKey, length, times, fields } of shard.points()) {
    for (const { name, type, rows, column } of fields) {
      const own = new ColumnBuffer(type, length);
      for (let i = 0; i < length; i += 1) {
        const row = rows[i] as number;
        if (row >= 0) own.push(times[i] as bigint, valueAt(column, row));
      }
      if (own.length > 0)
        addColumn(content, contentKey(Buffer.from(seriesKey).toString(), Buffer.from(name).toString()), own);
    }
  }
  return content;
}
