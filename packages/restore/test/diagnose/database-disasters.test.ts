import { expect, it } from 'vitest';
import { databaseDisasters } from '../../src/diagnose/database-disasters';
import type { ComparedPolicy } from '../../src/verify/compared-policies';
import type { JudgedRange } from '../../src/watch/judge/judge-range';
import type { DamagedPlace } from '../../src/watch/judge/value-alarms';
import type { WatchAlarm } from '../../src/watch/types';

type Kind = DamagedPlace['kind'];

/** Returns what a comparison finds: this many damaged points of each kind, each of one value. */
function judged(counts: Partial<Record<Kind, number>>, points: number, isAtLeast = false): JudgedRange {
  let time = 0n;
  const places = Object.entries(counts).flatMap(([kind, count]) =>
    Array.from({ length: count }, (): DamagedPlace => {
      time += 1n;
      const place = { measurement: 'm', tags: [['t', kind]], time, field: 'v' } as const;
      const policy = { database: 'db', name: 'rp' } as ComparedPolicy;
      const [inBackup, inDatabase] = [kind === 'extra' ? undefined : Number(time), kind === 'missing' ? undefined : -1];
      return { ...place, policy, kind: kind as Kind, inBackup, inDatabase };
    }),
  );
  const alarms = Object.entries(counts).map(
    ([kind, values]): WatchAlarm => ({
      kind: kind as Kind,
      name: kind,
      instance: 'i',
      values,
      reason: '',
      ...(isAtLeast && { isAtLeast }),
    }),
  );
  return { places, alarms, points, open: [], unjudged: [], waitedMs: 0 };
}

const cureOf = (...args: Parameters<typeof judged>) =>
  databaseDisasters('db', 'db', judged(...args)).map(({ kind, cure }) => `${kind}: ${cure.action}`);

it.each([
  ['a tenth, of which a heal takes all', { missing: 5, different: 5 }, 100, 'partial-damage: heal'],
  ['more than a tenth, which a heal refuses', { missing: 5, different: 6 }, 100, 'partial-damage: restore'],
  ['most, with other values', { different: 90 }, 100, 'partial-damage: restore'],
  ['nearly all, with other values', { different: 91 }, 100, 'other-server: check the server'],
  ['nearly all, half of them gone', { missing: 50, different: 45 }, 100, 'lost-points: restore'],
  ['nearly all, and some others', { missing: 95, extra: 5 }, 100, 'lost-points: restore'],
  ['nearly all, and as many others', { missing: 95, extra: 90 }, 100, 'other-server: check the server'],
  ['all', { missing: 100 }, 100, 'lost-points: restore'],
  ['all, and one other', { missing: 100, extra: 1 }, 100, 'other-server: check the server'],
  ['the only one', { missing: 1, extra: 1 }, 1, 'lost-points: restore'],
] as const)('damage of %s, has its disaster and its cure', (_what, counts, points, disaster) => {
  expect(cureOf(counts, points)).toEqual([disaster]);
});

it('damage of more values than are known is never left to a heal, and is that of another server only where there are others instead', () => {
  expect(cureOf({ different: 5, missing: 5 }, 1_000_000, true)).toEqual(['lost-points: restore']);
  expect(cureOf({ different: 10 }, 1_000_000, true)).toEqual(['other-server: check the server']);
  expect(cureOf({ missing: 10, extra: 1 }, 1_000_000, true)).toEqual(['lost-points: restore']);
  const [lost] = databaseDisasters('db', 'db', judged({ missing: 10 }, 1_000_000, true));
  expect(lost?.reason).toMatch(/^db: at least 10 of 1000000 points are missing/);
});

it.each([
  ['a fifth of the points lost', { missing: 200_000, different: 0, extra: 1 }, 'lost-points: restore'],
  ['a small part with other values', { missing: 0, different: 30_000, extra: 0 }, 'partial-damage: restore'],
  [
    'everything lost, and as many others',
    { missing: 900_000, different: 100_000, extra: 900_000 },
    'other-server: check the server',
  ],
  ['nearly everything lost, and a few others', { missing: 990_000, different: 0, extra: 50 }, 'lost-points: restore'],
])(
  '%s is judged by the points that were counted, where memory does not hold all values',
  (_what, counted, disaster) => {
    const first = judged({ missing: counted.missing && 10, different: counted.different && 10 }, 1_000_000, true);
    const found = databaseDisasters('db', 'db', { ...first, counted });
    expect(found.map(({ kind, cure }) => `${kind}: ${cure.action}`)).toEqual([disaster]);
  },
);

it.each([
  [{ missing: 2 }, 'db: 2 points are missing, of 100'],
  [{ different: 2 }, 'db: 2 points have other values, of 100'],
  [{ missing: 1, different: 2 }, 'db: 1 point is missing and 2 have other values, of 100'],
  [{ missing: 2, different: 1 }, 'db: 2 points are missing and 1 has other values, of 100'],
  [{ different: 1 }, 'db: 1 point has other values, of 100'],
] as const)('partial damage says only what there is: %j', (counts, reason) => {
  expect(databaseDisasters('db', 'db', judged(counts, 100)).map((one) => one.reason)).toEqual([reason]);
});

it('a value of another type keeps values out of its shard, also where it may be on its way, and out of no other shard', () => {
  const policy = { database: 'db', name: 'rp', shardDurationMs: 3_600_000 } as ComparedPolicy;
  const hourNs = 3_600_000_000_000n;
  const text = (time: bigint): DamagedPlace => ({
    kind: 'extra',
    policy,
    measurement: 'm',
    tags: [],
    field: 'v',
    time,
    inBackup: undefined,
    inDatabase: 'x',
  });
  const lost = judged({ missing: 50 }, 100);
  const missing = lost.places.map((place) => ({ ...place, policy }));
  const kindsOf = (range: Partial<JudgedRange>) =>
    databaseDisasters('db', 'db', { ...lost, ...range }).map(({ kind, cure }) => `${kind}: ${cure.action}`);
  expect(kindsOf({ places: [...missing, text(60n)] })).toEqual(['changed-type: wipe']);
  expect(kindsOf({ places: missing, doubted: [text(60n)] })).toEqual(['changed-type: wipe']);
  expect(kindsOf({ places: missing, doubted: [text(hourNs)] })).toEqual(['lost-points: restore']);
  expect(kindsOf({ places: missing, doubted: [{ ...text(60n), inDatabase: 1 }] })).toEqual(['lost-points: restore']);
});
