import { report } from '@ceres/testkit';
import { type ByteSink, bytesSource, ColumnBuffer, type FieldType, joinKey, openShard, TsmWriter } from '@ceres/tsm';

/** The shapes of FACTS: 2,000,000 lines of 8 fields, a quarter of them here. A has few series with many points, B many with few. */
const shapes = {
  A: { series: 512, points: 1_000 },
  B: { series: 12_800, points: 40 },
} as const;
const types: readonly FieldType[] = ['float', 'float', 'float', 'float', 'float', 'integer', 'integer', 'integer'];
const ROUNDS = 5;

/** Prints values per second of CPU: for files in memory, decoded with their CRC, merged to points, and encoded. */
export async function run(): Promise<void> {
  for (const [shape, { series, points }] of Object.entries(shapes)) {
    const values = series * points * types.length;
    const columns = types.map((type, i) => columnOf(type, points, i));
    const bytes = await encode(series, columns);
    const bench = 'tsm';
    const unit = 'values per CPU second';
    const shard = () =>
      openShard({ files: [{ name: '000000001-000000001.tsm', source: bytesSource('bench', bytes) }] });
    const decode = async () => {
      let sum = 0;
      for await (const { column } of (await shard()).columns()) sum += column.length;
      return sum;
    };
    const merge = async () => {
      let sum = 0;
      for await (const { length, fields } of (await shard()).points()) sum += length * fields.length;
      return sum;
    };
    report({ bench, case: `${shape}-decode`, unit, ours: await rate(values, decode) });
    report({ bench, case: `${shape}-points`, unit, ours: await rate(values, merge) });
    report({
      bench,
      case: `${shape}-encode`,
      unit,
      ours: await rate(values, () => encode(series, columns).then(() => values)),
    });
    report({ bench, case: `${shape}-bytes-per-value`, unit: 'bytes', ours: bytes.length / values });
  }
}

async function rate(values: number, round: () => Promise<number>): Promise<number> {
  const rates: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    globalThis.gc?.();
    const before = process.cpuUsage();
    const done = await round();
    const { user, system } = process.cpuUsage(before);
    if (done !== values) throw new Error(`${done} values, not ${values}.`);
    rates.push(values / ((user + system) / 1e6));
  }
  return rates.sort((a, b) => a - b)[ROUNDS >> 1] as number;
}

/** Gauges with two decimals that change at random, and counters that grow. */
function columnOf(type: FieldType, points: number, seed: number): ColumnBuffer {
  const column = new ColumnBuffer(type, points);
  let state = seed + 1;
  let counter = 0n;
  for (let i = 0; i < points; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    counter += BigInt(state >>> 16);
    const value = type === 'integer' ? counter : Math.round((state / 4_294_967_296) * 10_000) / 100;
    column.push(1_767_225_600_000_000_000n + BigInt(i) * 10_000_000_000n, value);
  }
  return column;
}

async function encode(series: number, columns: readonly ColumnBuffer[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const sink: ByteSink = { write: async (bytes) => void chunks.push(bytes.slice()) };
  const writer = new TsmWriter(sink);
  for (let i = 0; i < series; i += 1) {
    const seriesKey = Buffer.from(`cpu,cpu=cpu0,host=host-${String(i).padStart(6, '0')},region=eu-west-1`);
    for (const [j, column] of columns.entries())
      await writer.write(joinKey(seriesKey, Buffer.from(`field_${j}`)), column);
  }
  await writer.finish();
  return Buffer.concat(chunks);
}
