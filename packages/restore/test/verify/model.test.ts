import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawValue } from '@ceres/influx-http/internal';
import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { ServerConnection } from '../../src/server/connection';
import { verify } from '../../src/verify/verify';
import { backupOf } from '../support/backup';
import { startMs } from '../support/ground';
import {
  type Cell,
  type Content,
  contentOf,
  firstS,
  hasEqualCounts,
  isEqual,
  isPossible,
  keyOf,
  lineOf,
  weekS,
} from './model/content';
import { ModelDatabase } from './model/database';
import { writePortable } from './model/portable';

/** Values that are easily taken for each other, by type. */
const values = {
  float: [0, -0, 1, 9007199254740992, 0.1],
  integer: [0n, 1n, 9007199254740992n, 9007199254740993n],
  string: ['', '1', 'true', 'a'],
  boolean: [true, false],
} satisfies Record<string, readonly RawValue[]>;
const types = Object.keys(values) as (keyof typeof values)[];

const place = {
  measurement: fc.constantFrom('m', 'n'),
  tags: fc.constantFrom('', 't=a', 't=b', 't=a,u=x', 'u=a'),
  week: fc.nat(2),
  second: fc.constantFrom(0, 1, 60, weekS - 1),
  field: fc.constantFrom('f', 'g'),
  value: fc.nat(),
};

/** The type of each field in each shard, of which a shard has one. */
const typesByShard = fc.array(fc.constantFrom(...types), { minLength: 12, maxLength: 12 });

type Place = { [key in keyof typeof place]: (typeof place)[key] extends fc.Arbitrary<infer T> ? T : never };

function cellOf(
  { measurement, tags, week, second, field, value }: Place,
  shardTypes: readonly (keyof typeof values)[],
): Cell {
  const type = shardTypes[week * 4 + (measurement === 'm' ? 0 : 2) + (field === 'f' ? 0 : 1)] ?? 'float';
  const ofType: readonly RawValue[] = values[type];
  return { measurement, tags, time: firstS + week * weekS + second, field, value: ofType[value % ofType.length] ?? 0 };
}

/** Says how a database differs from what was written. */
const change = fc.record({
  kind: fc.constantFrom('drop', 'alter', 'add', 'move', 'retag', 'retype'),
  pick: fc.nat(),
  place: fc.record(place),
});

function apply(
  content: Content,
  { kind, pick, place: at }: { kind: string; pick: number; place: Place },
  cell: Cell,
): void {
  const picked = [...content.values()][pick % Math.max(1, content.size)];
  if (kind === 'add') content.set(keyOf(cell), cell);
  if (picked === undefined || kind === 'add') return;
  const set = (changed: Cell) => content.set(keyOf(changed), changed);
  const typed =
    Object.values(values).find((ofType: readonly RawValue[]) => typeof ofType[0] === typeof picked.value) ?? [];
  if (kind === 'alter') set({ ...picked, value: typed[at.value % typed.length] ?? picked.value });
  if (kind === 'drop' || kind === 'move' || kind === 'retag') content.delete(keyOf(picked));
  if (kind === 'move') set({ ...picked, time: picked.time + (picked.time % 2 === 0 ? 1 : -1) });
  if (kind === 'retag') set({ ...picked, tags: at.tags });
  if (kind !== 'retype') return;
  // A shard has one type of a field: all of its values there change it, 1 to 1i and the like.
  const weekOf = ({ time }: Cell) => Math.floor((time - firstS) / weekS);
  for (const other of [...content.values()]) {
    const isAlike = other.measurement === picked.measurement && other.field === picked.field;
    if (!isAlike || weekOf(other) !== weekOf(picked)) continue;
    const { value } = other;
    set({ ...other, value: typeof value === 'number' ? BigInt(Math.round(value)) : Number(value) || 0 });
  }
}

afterEach(() => vi.restoreAllMocks());

/** The ways to compare, and how many random contents each compares: the files of a snapshot are fsynced. */
const ways = [
  ['content', 50],
  ['counts', 50],
  ['snapshot', 50],
] as const;

it.each(ways)('verify by %s says EQUAL if a model of both sides does, and only then', async (way, numRuns) => {
  const outcomes = new Map<string, number>();
  const writes = fc.array(fc.record(place), { minLength: 1, maxLength: 12 });
  const changes = fc.array(change, { maxLength: 2 });
  const property = fc.asyncProperty(
    typesByShard,
    writes,
    fc.nat(),
    changes,
    async (shardTypes, places, cut, changed) => {
      const written = places.map((at) => cellOf(at, shardTypes));
      let stored: Content = contentOf(written);
      for (const one of changed) {
        const next = new Map(stored);
        apply(next, one, cellOf(one.place, shardTypes));
        if (isPossible(next)) stored = next;
      }
      const parts = [written.slice(0, cut % written.length), written.slice(cut % written.length)];
      const files = parts.map((part, i) => ({
        database: 'db',
        openedMs: startMs + i,
        lines: part.map(lineOf).join(''),
      }));
      const storage = await backupOf(...files);
      const source = { storage, instance: 'src' };
      let outcome: string;
      if (way === 'snapshot') {
        const folder = await mkdtemp(join(tmpdir(), 'ceres-model-'));
        await writePortable(stored, folder);
        ({ outcome } = await verify({ ...source, level: 'content', snapshot: folder }));
        await rm(folder, { recursive: true });
      } else {
        const database = new ModelDatabase(stored) as unknown as ServerConnection;
        vi.spyOn(ServerConnection, 'connect').mockResolvedValue(database);
        ({ outcome } = await verify({ ...source, to: { url: 'http://model' }, level: way }));
      }
      const same = way === 'counts' ? hasEqualCounts : isEqual;
      expect(outcome).toBe(same(contentOf(written), stored) ? 'EQUAL' : 'NOT EQUAL');
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    },
  );
  await fc.assert(property, { numRuns });
  for (const outcome of ['EQUAL', 'NOT EQUAL']) expect(outcomes.get(outcome)).toBeGreaterThan(5);
});
