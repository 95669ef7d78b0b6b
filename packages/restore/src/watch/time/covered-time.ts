import { earlierOf, laterOf, type TimeSpan } from '../../verify/time-spans';

/** A span of time, and when it was last compared and found good, in ms since the epoch. */
export interface ComparedSpan extends TimeSpan {
  readonly comparedMs: number;
}

/** Times before and after all points: `int64` holds the times of points, ns. */
export const timeMin = -(2n ** 63n);
export const timeMax = 2n ** 63n;

/** Remembers when each part of the time of a database was last compared. */
export class CoveredTime {
  #spans: readonly ComparedSpan[];

  constructor(spans: readonly ComparedSpan[] = []) {
    this.#spans = spans;
  }

  /** The spans that were compared, in order; they do not overlap. */
  get spans(): readonly ComparedSpan[] {
    return this.#spans;
  }

  /** Returns when the part of a span was compared that was not compared for longest; `undefined` if a part of it never was. */
  oldest({ from, until }: TimeSpan): number | undefined {
    let at = from;
    let oldest = Infinity;
    for (const span of this.#spans) {
      if (span.until <= at) continue;
      if (span.from > at) return undefined;
      oldest = Math.min(oldest, span.comparedMs);
      at = span.until;
      if (at >= until) return oldest;
    }
    return undefined;
  }

  /** Notes that a span was compared. */
  add({ from, until }: TimeSpan, comparedMs: number): void {
    this.#put({ from, until, comparedMs });
  }

  /** Forgets that a span was compared. */
  forget({ from, until }: TimeSpan): void {
    this.#put({ from, until });
  }

  #put(put: TimeSpan & { readonly comparedMs?: number }): void {
    const { from, until, comparedMs } = put;
    if (from >= until) return;
    const kept = this.#spans.flatMap((span) => {
      const before = { ...span, until: earlierOf(span.until, from) };
      const after = { ...span, from: laterOf(span.from, until) };
      return [before, after].filter((part) => part.from < part.until);
    });
    const all = comparedMs === undefined ? kept : [...kept, { from, until, comparedMs }];
    all.sort((a, b) => (a.from < b.from ? -1 : 1));
    this.#spans = withoutSeams(all);
  }
}

/** Joins spans that touch and were compared at the same moment. */
function withoutSeams(spans: readonly ComparedSpan[]): readonly ComparedSpan[] {
  const joined: ComparedSpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last?.until === span.from && last.comparedMs === span.comparedMs) {
      joined[joined.length - 1] = { ...last, until: span.until };
    } else joined.push(span);
  }
  return joined;
}
