import { earlierOf, joined, laterOf, type TimeSpan } from '../../verify/time-spans';
import type { DatabaseState } from '../watch-state';
import { CoveredTime } from './covered-time';
import { type DueRange, nearSpans } from './watched-time';

/** When a run happens, in ms since the epoch. */
interface RunTimes {
  readonly nowMs: number;
  readonly lastRunMs: number | undefined;
  readonly periodMs: number;
}

export interface DueSettings extends RunTimes {
  readonly state: DatabaseState;
  /** All of time, in the order of time. */
  readonly stretches: readonly TimeSpan[];
  /** The times of new files. */
  readonly added: readonly TimeSpan[];
  /** The time in which a sink may still hold what it acked: it is looked at later. */
  readonly hole: TimeSpan | undefined;
}

/**
 * Returns what a run compares of a database: what was left open, what is in new files, and those stretches whose turn it is, so that each
 * of them has its turn once in a period. Without an earlier run that is everything.
 */
export function dueRanges(settings: DueSettings): DueRange[] {
  const { state, added, hole } = settings;
  const turns = stretchesInTurn(settings);
  const ofTurns = joined(turns.map(({ span }) => span)).flatMap((span) => without(span, hole));
  const mayAskActive = mayAsk(settings);
  const withActive = turns.some(({ isActive }) => isActive);
  const inTurn = ofTurns.map((span): DueRange => ({ ...span, because: 'its turn', fromFiles: true }));
  const apart = withActive && !mayAskActive ? inTurn.flatMap((range) => activeApart(range, turns)) : inTurn;
  const short = (spans: readonly TimeSpan[], because: DueRange['because']): DueRange[] =>
    nearSpans(spans)
      .flatMap((span) => without(span, hole))
      .filter((span) => !ofTurns.some(({ from, until }) => from <= span.from && span.until <= until))
      .map((span) => ({ ...span, because, fromFiles: false }));
  return [...short(state.open, 'open alarm'), ...short(added, 'new files'), ...apart];
}

/** Returns the parts of a span that a hole leaves. */
function without(span: TimeSpan, hole: TimeSpan | undefined): TimeSpan[] {
  if (hole === undefined || hole.until <= span.from || span.until <= hole.from) return [span];
  const before = { from: span.from, until: hole.from };
  const after = { from: hole.until, until: span.until };
  return [before, after].filter(({ from, until }) => from < until);
}

/** Returns since when every part of a span was compared that is not in the hole. */
export function oldestOutside(covered: CoveredTime, span: TimeSpan, hole: TimeSpan | undefined): number | undefined {
  let oldest = Infinity;
  for (const part of without(span, hole)) {
    const one = covered.oldest(part);
    if (one === undefined) return undefined;
    oldest = Math.min(oldest, one);
  }
  return oldest;
}

interface Turn {
  readonly span: TimeSpan;
  readonly isActive: boolean;
}

function stretchesInTurn(settings: DueSettings): Turn[] {
  const { state, stretches, hole, nowMs, lastRunMs, periodMs } = settings;
  const intervalMs = lastRunMs === undefined ? periodMs : nowMs - lastRunMs;
  // What is open has its turn in every run.
  const covered = new CoveredTime(state.covered.spans);
  for (const span of state.open) covered.add(span, nowMs);
  const aged = stretches.map((span) => ({
    span,
    isActive: isActive(span, settings),
    comparedMs: oldestOutside(covered, span, hole) ?? Number.NEGATIVE_INFINITY,
  }));
  // What would be too old in the next run has its turn now, and so have as many others as the time since the last run asks for.
  const isDue = ({ comparedMs }: { comparedMs: number }) => comparedMs + periodMs < nowMs + intervalMs;
  const due = aged.filter(isDue);
  const perStretchMs = periodMs / stretches.length;
  const turns = Math.floor(nowMs / perStretchMs) - Math.floor((lastRunMs ?? nowMs) / perStretchMs);
  const others = aged.filter((one) => !isDue(one) && !one.isActive).sort((a, b) => a.comparedMs - b.comparedMs);
  return [...due, ...others.slice(0, Math.max(0, turns - due.length))];
}

/** Returns whether a stretch takes writes now: a snapshot of its shards would leave a small file in each. */
function isActive(span: TimeSpan, { added, nowMs }: DueSettings): boolean {
  const nowNs = BigInt(Math.floor(nowMs)) * 1_000_000n;
  return span.until > nowNs || added.some(({ from, until }) => from < span.until && span.from < until);
}

/** Active shards are asked for once a period. */
function mayAsk({ state: { activeAskedMs }, nowMs, lastRunMs, periodMs }: DueSettings): boolean {
  const intervalMs = lastRunMs === undefined ? 0 : nowMs - lastRunMs;
  return activeAskedMs === undefined || activeAskedMs + periodMs < nowMs + intervalMs;
}

/** Cuts the active stretches out of a range: they are compared with queries. */
function activeApart(range: DueRange, turns: readonly Turn[]): DueRange[] {
  let rest: TimeSpan[] = [range];
  const active: DueRange[] = [];
  for (const { span, isActive: takesWrites } of turns) {
    if (!takesWrites) continue;
    for (const part of rest) {
      const from = laterOf(part.from, span.from);
      const until = earlierOf(part.until, span.until);
      if (from < until) active.push({ from, until, because: range.because, fromFiles: false });
    }
    rest = rest.flatMap((part) => without(part, span));
  }
  return [...rest.map((span) => ({ ...span, because: range.because, fromFiles: true })), ...active];
}
