import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../src/column';
import { bytesSource } from '../../src/files/byte-source';
import type { FieldColumn, Shard, ShardFile } from '../../src/shards/contract';
import { openShard } from '../../src/shards/open-shard';
import { columnOf, pointsOf, type TestPoint } from '../columns';
import { keyOf, tsmBytes } from '../files/memory-file';
import { walDelete, walDeleteRange, walWrite } from './wal-bytes';

const series = ['m', 'm,t=a', 'm,t=a,u=b', 'n'];
const fields = ['f', 'g', 'h'];

interface Step {
  readonly series: string;
  readonly field: string;
  readonly first: bigint;
  readonly count: number;
  readonly every: bigint;
}

const step: fc.Arbitrary<Step> = fc.record({
  series: fc.constantFrom(...series),
  field: fc.constantFrom(...fields),
  first: fc.integer({ min: -40, max: 40 }).map(BigInt),
  count: fc.integer({ min: 1, max: 40 }),
  every: fc.constantFrom(1n, 1n, 2n, 7n),
});
const steps = fc.array(step, { minLength: 1, maxLength: 8 });

/** The points of a shard by series, field and time. A value says which file it comes from. */
type Model = Map<string, Map<bigint, number>>;

const keyText = ({ series, field }: Step) => `${series} ${field}`;
const timesOf = ({ first, count, every }: Step) => Array.from({ length: count }, (_, i) => first + BigInt(i) * every);

function write(model: Model, one: Step, value: number): void {
  const points = model.get(keyText(one)) ?? new Map<bigint, number>();
  for (const time of timesOf(one)) points.set(time, value);
  model.set(keyText(one), points);
}

function erase(model: Model, one: Step): void {
  const last = one.first + BigInt(one.count);
  for (const time of model.get(keyText(one))?.keys() ?? []) {
    if (time >= one.first && time <= last) model.get(keyText(one))?.delete(time);
  }
}

async function fileOf(
  model: Model,
  name: string,
  deleted: readonly Step[],
  blockPointsMax: number,
): Promise<ShardFile> {
  const columns = [...model].map(([key, points]) => {
    const [seriesKey = '', field = ''] = key.split(' ');
    const sorted = [...points].sort(([a], [b]) => (a < b ? -1 : 1));
    return [seriesKey, field, columnOf('float', sorted)] as const;
  });
  const source = bytesSource(name, await tsmBytes(columns, { blockPointsMax }));
  if (deleted.length === 0) return { name, source };
  const records = deleted.map((one) => {
    const key = Buffer.from(keyOf(one.series, one.field));
    const bytes = Buffer.alloc(4 + key.length + 16);
    bytes.writeUInt32BE(key.length);
    key.copy(bytes, 4);
    bytes.writeBigInt64BE(one.first, 4 + key.length);
    bytes.writeBigInt64BE(one.first + BigInt(one.count), 12 + key.length);
    return bytes;
  });
  return { name, source, tombstones: bytesSource('t', Buffer.concat([Buffer.from([0, 0, 0x15, 2]), ...records])) };
}

function linesOf({ seriesKey, field, column }: FieldColumn): string[] {
  return pointsOf(column).map(([time, value]) => `${Buffer.from(seriesKey)} ${Buffer.from(field)} ${time} ${value}`);
}

/** Reads a shard by columns, with a visitor, and by points. All must say the same. */
async function contentOf(shard: Shard, range = {}): Promise<string[]> {
  const byColumns: string[] = [];
  for await (const column of shard.columns(range)) byColumns.push(...linesOf(column));
  const visited: string[] = [];
  let isBusy = false;
  await shard.visitColumns((column) => {
    expect(isBusy).toBe(false);
    visited.push(...linesOf(column));
    if (visited.length % 2 === 0) return;
    isBusy = true;
    return nextTurn().then(() => {
      isBusy = false;
    });
  }, range);
  expect(visited).toEqual(byColumns);
  const byPoints: string[] = [];
  for await (const { seriesKey, length, times, fields, isWhole = false } of shard.points(range)) {
    if (isWhole) {
      for (const { rows } of fields) {
        expect([...rows.subarray(0, length)]).toEqual(Array.from({ length }, (_, i) => (rows[0] as number) + i));
      }
    }
    for (let i = 0; i < length; i += 1) {
      if (fields.every(({ rows }) => rows[i] === -1)) throw new Error('A point without a field.');
      for (const { name, rows, column } of fields) {
        if (rows[i] === -1) continue;
        expect(column.times[rows[i] as number]).toBe(times[i]);
        byPoints.push(
          `${Buffer.from(seriesKey)} ${Buffer.from(name)} ${times[i]} ${valueAt(column, rows[i] as number)}`,
        );
      }
    }
  }
  expect([...byPoints].sort()).toEqual([...byColumns].sort());
  return byColumns;
}

function contentOfModel(model: Model, isInRange = (_time: bigint) => true): string[] {
  const keys = [...model.keys()].sort((a, b) => {
    const [key = a, other = b] = [a, b].map((text) => text.replace(' ', '#!~#'));
    return Buffer.compare(Buffer.from(key), Buffer.from(other));
  });
  return keys.flatMap((key) =>
    [...(model.get(key) ?? [])]
      .filter(([time]) => isInRange(time))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([time, value]) => `${key} ${time} ${value}`),
  );
}

describe('a shard', () => {
  it('yields points of the same fields as whole batches, up to the first one that differs', async () => {
    const model: Model = new Map();
    const whole: Step = { series: 'm', field: 'f', first: 0n, count: 100, every: 1n };
    write(model, whole, 1);
    write(model, { ...whole, field: 'g', count: 60 }, 2);
    write(model, { ...whole, field: 'g', first: 61n, count: 39 }, 2);
    const shard = await openShard({ files: [await fileOf(model, '000000001-000000001.tsm', [], 1_000)] });
    const batches: (readonly [number, boolean | undefined])[] = [];
    for await (const { length, isWhole } of shard.points()) batches.push([length, isWhole]);
    expect(batches).toEqual([
      [60, true],
      [40, false],
    ]);
    await shard.close();
  });

  it('is its files merged, later ones first, each less its own tombstones, and its WAL on top', async () => {
    const files = fc.array(fc.record({ writes: steps, deletes: fc.array(step, { maxLength: 3 }) }), { maxLength: 4 });
    const entries = fc.array(
      fc.oneof(
        steps.map((writes) => ({ kind: 'write' as const, writes })),
        step.map((range) => ({ kind: 'range' as const, range })),
        step.map((key) => ({ kind: 'key' as const, key })),
      ),
      { maxLength: 5 },
    );
    const range = fc.record(
      { from: fc.integer({ min: -30, max: 20 }).map(BigInt), to: fc.integer({ min: -10, max: 40 }).map(BigInt) },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        files,
        entries,
        range,
        fc.constantFrom(1, 3, 1000),
        async (written, log, { from, to }, blockPointsMax) => {
          const model: Model = new Map();
          const shardFiles: ShardFile[] = [];
          for (const [i, { writes, deletes }] of written.entries()) {
            const own: Model = new Map();
            for (const one of writes) write(own, one, i);
            shardFiles.unshift(
              await fileOf(own, `000000001-${String(i * 10).padStart(9, '0')}.tsm`, deletes, blockPointsMax),
            );
            for (const one of deletes) erase(own, one);
            for (const [key, points] of own) model.set(key, new Map([...(model.get(key) ?? []), ...points]));
          }
          const cache: Model = new Map();
          const wal = log.map((entry, i) => {
            if (entry.kind === 'write') {
              for (const one of entry.writes) write(cache, one, 100 + i);
              const points = (one: Step) =>
                timesOf(one)
                  .map((time): TestPoint => [time, 100 + i])
                  .reverse();
              return walWrite(...entry.writes.map((one) => [one.series, one.field, 'float', points(one)] as const));
            }
            if (entry.kind === 'range') {
              erase(cache, entry.range);
              return walDeleteRange(
                entry.range.first,
                entry.range.first + BigInt(entry.range.count),
                keyOf(entry.range.series, entry.range.field),
              );
            }
            cache.delete(keyText(entry.key));
            return walDelete(keyOf(entry.key.series, entry.key.field));
          });
          for (const [key, points] of cache) model.set(key, new Map([...(model.get(key) ?? []), ...points]));
          const shard = await openShard({ files: shardFiles, wal: [bytesSource('_00001.wal', Buffer.concat(wal))] });
          expect(await contentOf(shard)).toEqual(contentOfModel(model));
          const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
          const isInRange = (time: bigint) => time >= (from ?? time) && time <= (to ?? time);
          expect(await contentOf(shard, bounds)).toEqual(contentOfModel(model, isInRange));
          await shard.close();
        },
      ),
      { numRuns: 50 },
    );
  });
});

it('has the points of a later file if all of an earlier one are deleted', async () => {
  const all: Step = { series: 'm', field: 'f', first: 0n, count: 3, every: 1n };
  const files: ShardFile[] = [];
  for (const [i, deleted] of [[], [all], [], [all], []].entries()) {
    const model: Model = new Map();
    write(model, all, i);
    files.push(await fileOf(model, `00000000${i + 1}-000000001.tsm`, deleted, 1));
  }
  const shard = await openShard({ files });
  expect(await contentOf(shard)).toEqual(['m f 0 4', 'm f 1 4', 'm f 2 4']);
});

it('has the same points of a series with many fields, whatever times these share', async () => {
  const fields = Array.from({ length: 70 }, (_, n) => {
    const points = Array.from(
      { length: 1 + ((n * 37) % 1_500) },
      (_, i): TestPoint => [BigInt((1 + (n % 7)) * i), n + i / 10],
    );
    return ['m', `f${n}`, columnOf('float', points)] as const;
  });
  const source = bytesSource('1-1.tsm', await tsmBytes(fields));
  const content = await contentOf(await openShard({ files: [{ name: '1-1.tsm', source }] }));
  expect(content.length).toBe(fields.reduce((sum, [, , { length }]) => sum + length, 0));
});
