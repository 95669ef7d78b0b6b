import type { Mismatch, Verdict } from '@ceres/restore';
import { expect, it } from 'vitest';
import { differencesOf } from '../../src/output/results/recover/differences';
import { printVerdict } from '../../src/output/results/recover/verdict';
import { screen } from './screen';

const minuteNs = 60_000_000_000n;
const startNs = BigInt(Date.UTC(2026, 10, 23)) * 1_000_000n;

function mismatch(minute: number, more: Partial<Mismatch> = {}): Mismatch {
  const from = startNs + BigInt(minute) * minuteNs;
  return {
    instance: 'influxdb-0',
    database: 'site_6',
    retentionPolicy: 'rp_5d',
    measurement: 'cpu',
    fields: ['usage'],
    from,
    until: from + minuteNs,
    inBackup: 10,
    inDatabase: 0,
    missing: 10,
    extra: 0,
    differentMax: 0,
    ...more,
  };
}

function verdictOf(mismatches: readonly Mismatch[], more: Partial<Verdict> = {}): Verdict {
  return {
    level: 'counts',
    outcome: 'NOT EQUAL',
    equal: false,
    mismatches,
    absentPolicies: [],
    seedOnly: [],
    notCompared: [],
    comparedFrom: undefined,
    points: 29_160,
    findings: [],
    ...more,
  };
}

function printed(verdict: Verdict, view: { all?: boolean; columns?: number } = {}): string[] {
  const { terminal, lines } = screen([], view.columns);
  printVerdict(terminal, verdict, { ...view, differences: differencesOf(verdict) });
  return lines();
}

/** A database with 36 policies that was dropped: each has points every ten minutes, in three measurements. */
const dropped = Array.from({ length: 36 }, (_, policy) =>
  Array.from({ length: 81 }, (_, i) =>
    mismatch((i % 27) * 10, { retentionPolicy: `rp_${policy}`, measurement: `m_${Math.floor(i / 27)}` }),
  ),
).flat();

it('sums up a dropped database of many partitions in 20 lines that fit on the screen, and says how many more there are', () => {
  expect(dropped).toHaveLength(2916);
  const absentPolicies = [...new Set(dropped.map(({ retentionPolicy }) => retentionPolicy ?? ''))].map(
    (retentionPolicy) => ({ instance: 'influxdb-0', database: 'site_6', retentionPolicy }),
  );
  const lines = printed(verdictOf(dropped, { absentPolicies }));
  expect(lines).toHaveLength(1 + 20 + 1 + 1);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(lines[0]).toMatch(/^database +policy +missing +when \(UTC\) +measurement$/);
  expect(lines[1]).toMatch(/^site_6 +rp_\d+ +810 +2026-11-23 00:00 to .*all, not on server$/);
  expect(lines.at(-2)).toBe('and 16 more policies that differ: see them with --all');
  expect(lines.at(-1)).toBe('NOT EQUAL  (counts, 29,160 points)');
  expect(printed(verdictOf(dropped), { all: true })).toHaveLength(1 + 36 + 1);
});

it('tells missing, extra and different points apart, and merges their times', () => {
  const lines = printed(
    verdictOf([
      ...[0, 1, 2, 60, 600].map((minute) => mismatch(minute)),
      mismatch(3, { measurement: 'mem', missing: 0, extra: 7 }),
      mismatch(1440, { database: 'site_7', missing: 0, differentMax: 5 }),
    ]),
    { columns: 120 },
  );
  expect(lines).toEqual(
    [
      'database  policy  missing  extra  different  when (UTC)                                          measurement',
      'site_6    rp_5d        50      7  0          2026-11-23 00:00 to 01:01 and 2026-11-23 10:00 to 10:01  cpu and 1 more',
      'site_7    rp_5d         0      0  up to 5    2026-11-24 00:00 to 00:01                             cpu',
      'NOT EQUAL  (counts, 29,160 points)',
    ].map((line) => expect.stringMatching(new RegExp(`^${line.replace(/[()]/g, '\\$&').replace(/ {2,}/g, ' +')}$`))),
  );
});

it('cuts nothing on a screen that is too narrow for the table: each policy gets a line, and its numbers follow', () => {
  const verdict = verdictOf([mismatch(0, { database: 'a_database_with_a_long_name', extra: 3, differentMax: 5 })]);
  expect(printed(verdict)).toEqual([
    'a_database_with_a_long_name  rp_5d',
    '  missing: 10, extra: 3, different: up to 5,',
    '  when (UTC): 2026-11-23 00:00 to 00:01, measurement: cpu',
    'NOT EQUAL  (counts, 29,160 points)',
  ]);
});

it('names what was not compared once for each policy and reason, at most 20 of them', () => {
  const gap = { instance: 'influxdb-0', database: 'site_6', retentionPolicy: 'rp_5d', side: 'backup' as const };
  const late = Array.from({ length: 30 }, (_, i) => ({ ...gap, measurement: `m_${i}`, reason: 'may be late' }));
  const files = Array.from({ length: 30 }, (_, i) => ({ ...gap, key: `${i}.gz`, reason: `file ${i} is cut off` }));
  const lines = printed(verdictOf([], { outcome: 'INCOMPLETE', notCompared: [...late, ...files] }), { columns: 120 });
  expect(lines[0]).toBe('not compared: database site_6, policy rp_5d, measurement m_0 and 29 more: may be late');
  expect(lines).toHaveLength(22);
  expect(lines[20]).toBe('and 11 more lines: see them with --all');
});
