import type { Mismatch, Verdict } from '@ceres/restore';
import { formatCount, formatMinute, formatPolicy } from '../../format';
import { formatTable, type TableShape } from '../../table';

/** How many stretches of time are named of one policy: the larger number that fits on the screen. */
const stretchesShown = [2, 1] as const;

interface Stretch {
  readonly from: bigint;
  readonly until: bigint;
}

/** What differs in one database and policy. */
export interface PolicyDifference {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly measurements: readonly string[];
  readonly missing: number;
  readonly extra: number;
  readonly differentMax: number;
  /** The stretches of time that hold every difference, the earliest first. None touches another. */
  readonly stretches: readonly Stretch[];
  /** True if the server does not have the policy at all. */
  readonly isAbsent: boolean;
}

/** Sums the differences up by database and policy; those with the most missing points come first. */
export function differencesOf({ mismatches, absentPolicies }: Verdict): readonly PolicyDifference[] {
  const byPolicy = new Map<string, [Mismatch, ...Mismatch[]]>();
  for (const mismatch of mismatches) {
    const name = nameOf(mismatch);
    const known = byPolicy.get(name);
    if (known === undefined) byPolicy.set(name, [mismatch]);
    else known.push(mismatch);
  }
  const absent = new Set(absentPolicies.map(nameOf));
  const differences = [...byPolicy.values()].map((own) => sumUp(own, absent.has(nameOf(own[0]))));
  return differences.sort((a, b) => b.missing - a.missing || b.extra - a.extra || b.differentMax - a.differentMax);
}

function nameOf({ database, retentionPolicy = '' }: Pick<Mismatch, 'database' | 'retentionPolicy'>): string {
  return JSON.stringify([database, retentionPolicy]);
}

function sumUp(mismatches: readonly [Mismatch, ...Mismatch[]], isAbsent: boolean): PolicyDifference {
  const [{ database, retentionPolicy = '' }] = mismatches;
  const sum = (of: 'missing' | 'extra' | 'differentMax') => mismatches.reduce((total, one) => total + one[of], 0);
  return {
    database,
    retentionPolicy,
    measurements: [...new Set(mismatches.map(({ measurement }) => measurement))],
    missing: sum('missing'),
    extra: sum('extra'),
    differentMax: sum('differentMax'),
    stretches: merge(mismatches),
    isAbsent,
  };
}

/** Merges stretches that touch. */
function merge(stretches: readonly Stretch[]): readonly Stretch[] {
  const merged: { from: bigint; until: bigint }[] = [];
  for (const { from, until } of stretches.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (last === undefined || from > last.until) merged.push({ from, until });
    else if (until > last.until) last.until = until;
  }
  return merged;
}

/** Merges the stretches with the shortest time between them until no more than `max` are left. */
function mergeNearest(merged: readonly Stretch[], max: number): readonly Stretch[] {
  const gaps = merged.slice(1).map(({ from }, i) => ({ at: i + 1, ns: from - (merged[i]?.until ?? 0n) }));
  const widest = gaps.sort((a, b) => (a.ns > b.ns ? -1 : 1)).slice(0, max - 1);
  const starts = [0, ...widest.map(({ at }) => at).sort((a, b) => a - b)];
  return starts.flatMap((start, i) => {
    const [first, last] = [merged[start], merged[(starts[i + 1] ?? merged.length) - 1]];
    return first === undefined || last === undefined ? [] : [{ from: first.from, until: last.until }];
  });
}

/** Returns a line for each database and policy, under headings. A kind of difference that none has gets no column. */
export function differenceTable(differences: readonly PolicyDifference[], width: number): readonly string[] {
  const tables = stretchesShown.map((max) => tableOf(differences, max));
  const fitting = tables.find((lines) => lines.every((line) => line.length <= width));
  return fitting ?? tableOf(differences, stretchesShown[0], { width });
}

function tableOf(differences: readonly PolicyDifference[], max: number, shape: TableShape = {}): readonly string[] {
  const kinds = [
    { head: 'missing', of: (one: PolicyDifference) => one.missing },
    { head: 'extra', of: (one: PolicyDifference) => one.extra },
    {
      head: 'different',
      of: ({ differentMax: max }: PolicyDifference) => (max === 0 ? 0 : `up to ${formatCount(max)}`),
    },
  ].filter(({ of }) => differences.some((one) => of(one) !== 0));
  return formatTable(
    ['database', 'policy', ...kinds.map(({ head }) => head), 'when (UTC)', 'measurement'],
    differences.map((one) => [
      one.database,
      formatPolicy(one.retentionPolicy),
      ...kinds.map(({ of }) => of(one)),
      mergeNearest(one.stretches, max).map(formatStretch).join(' and '),
      formatNames(one),
    ]),
    shape,
  );
}

function formatNames({ measurements, isAbsent }: PolicyDifference): string {
  const [first = '', ...more] = measurements;
  if (isAbsent) return 'all, not on server';
  return more.length === 0 ? first : `${first} and ${formatCount(more.length)} more`;
}

/** Returns a stretch such as `2026-11-23 10:00 to 12:05`; what both ends have in common is written once. */
function formatStretch({ from, until }: Stretch): string {
  const [start, end] = [formatMinute(from), formatMinute(until)];
  const isSameDay = start.slice(0, 10) === end.slice(0, 10);
  return `${start} to ${isSameDay ? end.slice(11) : start.slice(0, 4) === end.slice(0, 4) ? end.slice(5) : end}`;
}
