import { joined, type TimeSpan } from '../../verify/time-spans';
import type { RangeReason } from '../types';
import { timeMax, timeMin } from './covered-time';

/** A stretch of time, ns. */
export type TimeRange = TimeSpan;

/** A stretch of time that a run compares, and why. */
export interface DueRange extends TimeSpan {
  readonly because: RangeReason;
  /** Read the database's files, where there is a snapshot service; else, and for what is short or new, queries. */
  readonly fromFiles: boolean;
}

/** The ranges of one kind that a run compares of a database, at most: those that lie nearest to each other become one. */
const rangesMax = 16;
/** The stretches that a database is divided into, at most. */
const stretchesMax = 500;

/** Joins spans that overlap, and those that lie nearest to each other until there are few enough. */
export function nearSpans(spans: readonly TimeSpan[], max = rangesMax): readonly TimeSpan[] {
  const all = [...joined(spans)];
  if (all.length <= max) return all;
  const gaps = all.slice(1).map(({ from }, i) => from - (all[i] as TimeSpan).until);
  const widest = new Set(
    gaps
      .map((gap, i) => ({ gap, i }))
      .sort((a, b) => (a.gap > b.gap ? -1 : 1))
      .slice(0, max - 1)
      .map(({ i }) => i),
  );
  const near: TimeSpan[] = [];
  let { from } = all[0] as TimeSpan;
  for (const [i, { until }] of all.entries()) {
    if (i < all.length - 1 && !widest.has(i)) continue;
    near.push({ from, until });
    from = (all[i + 1] ?? (all[i] as TimeSpan)).from;
  }
  return near;
}

/** InfluxDB counts shard groups from the first moment of year 1. */
const groupsFromNs = -62_135_596_800n * 1_000_000_000n;

export interface StretchSettings {
  /** Beginnings of shards, and other moments of points that are known, ns. */
  readonly moments: readonly bigint[];
  /** The longest time that a shard of the database covers, ns. */
  readonly shardNs: bigint;
}

/**
 * Divides all of time into the stretches that a database is compared in, one after another: where a shard of its longest policy begins. The first
 * one begins before all points, and the last one ends after them.
 */
export function stretchesOf({ moments, shardNs }: StretchSettings): readonly TimeSpan[] {
  const starts = [...new Set(moments.map((at) => at - mod(at - groupsFromNs, shardNs)))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const step = Math.ceil(starts.length / stretchesMax);
  const kept = starts.filter((_, i) => i % step === 0);
  const all: TimeSpan[] = [];
  let from = timeMin;
  for (const start of kept) {
    if (start <= from) continue;
    all.push({ from, until: start });
    from = start;
  }
  return [...all, { from, until: timeMax }];
}

function mod(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest < 0n ? rest + b : rest;
}
