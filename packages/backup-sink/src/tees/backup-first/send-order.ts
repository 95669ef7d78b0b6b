import { orAborted } from '@ceres/internal';
import type { EncodedLines } from '../../internals';
import { mayBeSamePolicy } from '../../write/spellings';
import { type SeriesSet, SeriesSets, shareSeries } from './series-sets';

/** The place of a write among those that are on their way to InfluxDB. */
export interface Turn {
  /**
   * Resolves when all earlier writes that share a point with this one have been answered, or given up.
   *
   * @throws the signal's reason
   */
  ready(signal: AbortSignal): Promise<void>;
  /** Lets the writes behind it go on. */
  leave(): void;
}

/**
 * Keeps writes of one point in the order of the backup on their way to InfluxDB, so that both end with the same value. Writes that share no
 * series, no time or no policy do not wait for each other, and cost nothing but the comparison of their times.
 */
export class SendOrder {
  readonly #inFlight = new Map<string, Set<InFlight>>();
  readonly #sets = new SeriesSets();

  /** Takes the next place. Call it in the order in which the sink gets the writes. */
  enter(database: string, retentionPolicy: string, lines: EncodedLines): Turn {
    const others = this.#inFlight.get(database) ?? new Set();
    this.#inFlight.set(database, others);
    const own = new InFlight(retentionPolicy, lines);
    const before = [...others].filter((other) => own.sharesPointWith(other, this.#sets)).map(({ left }) => left);
    others.add(own);
    return {
      ready: async (signal) => {
        if (before.length > 0) await orAborted(Promise.all(before), signal);
      },
      leave: () => {
        own.leave();
        others.delete(own);
        if (others.size === 0) this.#inFlight.delete(database);
      },
    };
  }
}

class InFlight {
  readonly left: Promise<void>;
  leave: () => void = () => undefined;
  readonly #policy: string;
  readonly #lines: EncodedLines;
  #series: SeriesSet | undefined;

  constructor(policy: string, lines: EncodedLines) {
    this.#policy = policy;
    this.#lines = lines;
    this.left = new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  sharesPointWith(other: InFlight, sets: SeriesSets): boolean {
    if (!mayBeSamePolicy(this.#policy, other.#policy)) return false;
    if (!sharesTime(this.#lines, other.#lines)) return false;
    if (isTooLarge(this.#lines) || isTooLarge(other.#lines)) return true;
    return shareSeries(this.series(sets), other.series(sets));
  }

  /** Returns all series, found when they are first asked for. */
  series(sets: SeriesSets): SeriesSet {
    this.#series ??= sets.of(this.#lines);
    return this.#series;
  }
}

/** Larger writes wait for each other without a look at their series, which would keep the event loop: these take 25 ms at most. */
const comparedLinesMax = 200_000;
const comparedBytesMax = 8 * 1024 * 1024;
/** The same for lines with newlines in their strings, each of which looks like a line. */
const comparedBytesMaxWithNewlines = 900_000;

function isTooLarge({ lines, bytes, summary }: EncodedLines): boolean {
  const bytesMax = summary?.hasInnerNewline === false ? comparedBytesMax : comparedBytesMaxWithNewlines;
  return lines > comparedLinesMax || bytes.byteLength > bytesMax;
}

/** Says whether the times of two writes overlap. One whose times are not known may hold any. */
function sharesTime({ summary: a }: EncodedLines, { summary: b }: EncodedLines): boolean {
  if (a?.firstTimestamp === undefined || a.lastTimestamp === undefined) return true;
  if (b?.firstTimestamp === undefined || b.lastTimestamp === undefined) return true;
  return a.firstTimestamp <= b.lastTimestamp && b.firstTimestamp <= a.lastTimestamp;
}
