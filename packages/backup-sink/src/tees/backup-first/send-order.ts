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
 * series, no time or no policy do not wait for each other, and cost nothing but the comparison of their times. A write on its own costs
 * nothing at all.
 */
export class SendOrder {
  readonly #inFlight = new Map<string, Set<InFlight>>();
  readonly #sets = new SeriesSets();

  /** Takes the next place. Call it in the order in which the sink gets the writes. */
  enter(database: string, retentionPolicy: string, lines: EncodedLines): Turn {
    const others = this.#inFlight.get(database) ?? new Set();
    this.#inFlight.set(database, others);
    const own = new InFlight(retentionPolicy, lines);
    const before = [...others];
    others.add(own);
    return {
      ready: async (signal) => {
        // Compared only now: most of the writes before it were answered while this one was made durable.
        const awaited = before.filter((other) => own.sharesPointWith(other, this.#sets));
        if (awaited.length > 0) await orAborted(Promise.all(awaited.map(({ left }) => left)), signal);
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
  readonly #policy: string;
  /** Not kept for those behind it once it has left. */
  #lines: EncodedLines | undefined;
  #series: SeriesSet | undefined;
  #resolveLeft: () => void = () => undefined;

  constructor(policy: string, lines: EncodedLines) {
    this.#policy = policy;
    this.#lines = lines;
    this.left = new Promise((resolve) => {
      this.#resolveLeft = resolve;
    });
  }

  leave(): void {
    this.#lines = undefined;
    this.#series = undefined;
    this.#resolveLeft();
  }

  sharesPointWith(other: InFlight, sets: SeriesSets): boolean {
    const [own, others] = [this.#lines, other.#lines];
    if (own === undefined || others === undefined) return false; // One of them has left.
    if (!mayBeSamePolicy(this.#policy, other.#policy)) return false;
    if (!sharesTime(own, others)) return false;
    if (isTooLarge(own) || isTooLarge(others)) return true;
    // The sets of all series, found when they are first asked for.
    this.#series ??= sets.of(own);
    other.#series ??= sets.of(others);
    return shareSeries(this.#series, other.#series);
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
