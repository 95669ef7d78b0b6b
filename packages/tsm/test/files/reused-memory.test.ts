import { ColumnBuffer, joinKey, TsmWriter, WriterMemory } from '@ceres/tsm';
import { expect, it } from 'vitest';

const key = (name: string) => joinKey(Buffer.from('m'), Buffer.from(name));

/** Columns `a` to `d` of 3,000 floats at times that have no rhythm. */
function columns(sameTimes: object | undefined, first: bigint): ColumnBuffer[] {
  return [1, 2, 3, 4].map((number) => {
    const column = Object.assign(new ColumnBuffer('float', 3_000), { sameTimes });
    for (let i = 0n; i < 3_000n; i += 1n) column.push(first + i * i, number * Number(i));
    return column;
  });
}

async function written(some: readonly ColumnBuffer[], memory?: WriterMemory): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const sink = { write: async (bytes: Uint8Array) => void parts.push(bytes.slice()) };
  const writer = new TsmWriter(sink, {}, memory);
  for (const [i, column] of some.entries()) await writer.write(key('abcd'[i] as string), column);
  await writer.finish();
  return Buffer.concat(parts);
}

it('writes columns that share their times as it writes others', async () => {
  const alone = await written([...columns(undefined, 0n).slice(0, 2), ...columns(undefined, 7n).slice(2)]);
  const shared = await written([...columns({}, 0n).slice(0, 2), ...columns({}, 7n).slice(2)]);
  expect(shared.equals(alone)).toBe(true);
});

it('refuses shared times that do not ascend', async () => {
  const [column] = columns({}, 0n) as [ColumnBuffer];
  column.times[5] = 0n;
  await expect(written([column])).rejects.toMatchObject({ code: 'INVALID_POINTS' });
});

it('writes one file after another in the same memory', async () => {
  const memory = new WriterMemory();
  for (const first of [0n, 11n]) {
    const some = columns(undefined, first);
    expect((await written(some, memory)).equals(await written(some))).toBe(true);
  }
});
