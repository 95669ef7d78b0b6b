import { cut } from '@ceres/internal';
import type { ResolvedWatch } from '../options/watch';
import type { InstanceStatus } from '../status/types';
import { earlierOf, laterOf, type TimeSpan } from '../verify/time-spans';
import type { JudgedRange } from './judge/judge-range';
import { timeMax, timeMin } from './time/covered-time';
import type { UnjudgedTime, WatchAlarm, WatchCoverage, WatchEvent, WatchReport } from './types';

/** A report holds this many alarms. More would say nothing new. */
const alarmsMax = 1_000;
/** A reason names several things, each of which may be long. */
const reasonMax = 2_000;

/** Sums up a run of a watch, and tells its events. */
export class WatchTally {
  readonly #watch: ResolvedWatch;
  readonly #status: InstanceStatus;
  readonly #startedMs: number;
  readonly #alarms = new Map<string, WatchAlarm>();
  readonly #pending: WatchAlarm[] = [];
  readonly #unjudged: UnjudgedTime[] = [];
  readonly #coverage: WatchCoverage[] = [];
  #points = 0;

  constructor(watch: ResolvedWatch, status: InstanceStatus, startedMs: number) {
    this.#watch = watch;
    this.#status = status;
    this.#startedMs = startedMs;
  }

  /** Adds an alarm. One that two ranges have found is summed up. */
  alarm(found: WatchAlarm): void {
    const { accept, onEvent } = this.#watch;
    if (accept.has(found.name)) return;
    const alarm = { ...found, reason: cut(found.reason, reasonMax) };
    const known = this.#alarms.get(alarm.name);
    if (known === undefined && this.#alarms.size >= alarmsMax) return;
    if (known?.values === undefined || alarm.values === undefined) this.#alarms.set(alarm.name, known ?? alarm);
    else this.#alarms.set(alarm.name, { ...alarm, values: known.values + alarm.values, ...hullOf(known, alarm) });
    if (known === undefined) onEvent({ event: 'alarm', ...alarm });
  }

  overdue(alarm: WatchAlarm): void {
    this.alarm(alarm);
  }

  pending(alarm: WatchAlarm): void {
    this.#pending.push(alarm);
  }

  unjudged(found: UnjudgedTime): void {
    const one = { ...found, reason: cut(found.reason, reasonMax) };
    this.#unjudged.push(one);
    this.#watch.onEvent({ event: 'unjudged', ...one });
  }

  compared(
    range: Omit<Extract<WatchEvent, { event: 'compared' }>, 'event' | 'alarms'>,
    { alarms, points }: JudgedRange,
  ): void {
    this.#points += points;
    this.#watch.onEvent({ event: 'compared', ...range, alarms: alarms.length });
  }

  covered(coverage: WatchCoverage): void {
    this.#coverage.push(coverage);
  }

  report(): WatchReport {
    const { comparison, periodMs, onEvent } = this.#watch;
    const alarms = [...this.#alarms.values()];
    const { storedUpToMs } = this.#status;
    const shown = {
      outcome: alarms.length > 0 ? 'FOUND' : this.#unjudged.length > 0 ? 'UNJUDGED' : 'GOOD',
      instance: comparison.selection.instance,
      startedMs: this.#startedMs,
      endedMs: comparison.clock.now(),
      periodMs,
      coverage: this.#coverage,
      points: this.#points,
      ...(storedUpToMs !== undefined && { storedUpToMs }),
    } as const;
    onEvent({ event: 'ended', ...shown });
    return { ...shown, alarms, pending: this.#pending, unjudged: this.#unjudged };
  }
}

function hullOf(a: WatchAlarm, b: WatchAlarm): Pick<WatchAlarm, 'fromNs' | 'untilNs'> {
  if (a.fromNs === undefined || a.untilNs === undefined || b.fromNs === undefined || b.untilNs === undefined) return {};
  return {
    fromNs: earlierOf(a.fromNs, b.fromNs),
    untilNs: laterOf(a.untilNs, b.untilNs),
  };
}

/** Returns a span for an event; an end that is open is left out. */
export function shownSpan({ from, until }: TimeSpan): Pick<UnjudgedTime, 'fromNs' | 'untilNs'> {
  return { ...(from !== timeMin && { fromNs: from }), ...(until !== timeMax && { untilNs: until }) };
}
