import type { EncodedLines } from '../../internals';
import { mayBeSamePolicy } from '../../write/spellings';
import type { SeriesOfLines } from './series-of-lines';

/** Larger writes wait for each other without a look at their series, which would keep the event loop: these take 25 ms at most. */
const comparedLinesMax = 200_000;
const comparedBytesMax = 8 * 1024 * 1024;
/** The same for lines with newlines in their strings, each of which looks like a line. */
const comparedBytesMaxWithNewlines = 900_000;
/** Listing as many series, and taking them off the list, takes about 10 ms each. */
const listedSeriesMax = 50_000;

/** A write on its way to InfluxDB. */
export class InFlight {
  /** Its place among all writes of its tee. */
  readonly place: number;
  /** Resolves when it has been answered, or given up. */
  readonly left: Promise<void>;
  readonly #policy: string;
  readonly #firstTime: bigint | undefined;
  readonly #lastTime: bigint | undefined;
  /** Kept only as long as the series in it may be asked for. */
  #lines: EncodedLines | undefined;
  #series: ReadonlySet<number> | undefined;
  #hasLeft = false;
  #resolveLeft: () => void = () => undefined;

  constructor(place: number, policy: string, lines: EncodedLines) {
    this.place = place;
    this.#policy = policy;
    this.#firstTime = lines.summary?.firstTimestamp;
    this.#lastTime = lines.summary?.lastTimestamp;
    this.#lines = lines;
    this.left = new Promise((resolve) => {
      this.#resolveLeft = resolve;
    });
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  leave(): void {
    this.#hasLeft = true;
    this.#lines = undefined;
    this.#resolveLeft();
  }

  /** Says whether the times and the policies of two writes may have something in common. One whose times are not known may hold any. */
  overlaps(other: InFlight): boolean {
    if (!mayBeSamePolicy(this.#policy, other.#policy)) return false;
    if (this.#firstTime === undefined || this.#lastTime === undefined) return true;
    if (other.#firstTime === undefined || other.#lastTime === undefined) return true;
    return this.#firstTime <= other.#lastTime && other.#firstTime <= this.#lastTime;
  }

  /** Returns its series; `undefined` if they are too many to be looked at, and so may be any. They are found when they are first asked for. */
  series(finder: SeriesOfLines): ReadonlySet<number> | undefined {
    if (this.#lines !== undefined && !isTooLarge(this.#lines)) this.#series = finder.find(this.#lines, listedSeriesMax);
    this.#lines = undefined;
    return this.#series;
  }
}

function isTooLarge({ lines, bytes, summary }: EncodedLines): boolean {
  const bytesMax = summary?.hasInnerNewline === false ? comparedBytesMax : comparedBytesMaxWithNewlines;
  return lines > comparedLinesMax || bytes.byteLength > bytesMax;
}
