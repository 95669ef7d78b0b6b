import { nanosecondsPer } from '@ceres/internal';
import { SPACE } from '../../bytes';
import type { ResolvedEncodeOptions } from '../../options';
import type { Point } from '../../point';
import { joinTimes, noTimes, type SummaryTimes } from '../../summary/line-summary';
import type { ByteWriter } from '../byte-writer';
import { pointTimestamp } from './point-timestamp';
import { writeSafeInteger } from './write-number';
import { NOT_WRITTEN } from './write-text';

/** Writes ` timestamp` in the precision of the line; nothing for a point that has none. */
export class TimestampWriter {
  readonly #options: ResolvedEncodeOptions;
  readonly #fromNumber: Shortcut | undefined;
  readonly #fromDate: Shortcut | undefined;
  /** The last timestamp that was converted the long way, and its text: consecutive points often share one. */
  #last: Point['timestamp'];
  #lastExact = 0n;
  #lastText = '';
  /** The times that were converted the long way since `begin`. */
  #exact = noTimes;
  #isLastCounted = false;
  #hasMissing = false;

  constructor(options: ResolvedEncodeOptions) {
    this.#options = options;
    this.#fromNumber = shortcut(nanosecondsPer[options.timestampPrecision], nanosecondsPer[options.precision]);
    this.#fromDate = shortcut(nanosecondsPer.ms, nanosecondsPer[options.precision]);
  }

  /** Forgets the times of all that was written before. */
  begin(): void {
    for (const short of [this.#fromNumber, this.#fromDate]) if (short !== undefined) Object.assign(short, NONE);
    this.#exact = noTimes;
    this.#isLastCounted = false;
    this.#hasMissing = false;
  }

  /** Returns the least and the greatest time since `begin`; none if a point had no timestamp. */
  times(): SummaryTimes {
    if (this.#hasMissing) return noTimes;
    return joinTimes(joinTimes(this.#exact, timesOf(this.#fromNumber)), timesOf(this.#fromDate));
  }

  write(writer: ByteWriter, at: number, timestamp: Point['timestamp'], stampNs: bigint | undefined): number {
    const end = this.#writeShort(writer, at, timestamp);
    return end === NOT_WRITTEN ? this.#writeExact(writer, at, timestamp, stampNs) : end;
  }

  #writeShort(writer: ByteWriter, start: number, timestamp: Point['timestamp']): number {
    const isDate = timestamp instanceof Date;
    const short = isDate ? this.#fromDate : this.#fromNumber;
    const time = isDate ? timestamp.getTime() : timestamp;
    if (short === undefined || typeof time !== 'number' || !(Math.abs(time) <= short.max)) return NOT_WRITTEN;
    const converted = Math.floor(time / short.divisor);
    if (converted * short.divisor !== time) return NOT_WRITTEN;
    if (converted < short.first) short.first = converted;
    if (converted > short.last) short.last = converted;
    const at = writeSafeInteger(writer, writer.byte(start, SPACE), converted);
    // Not by multiplying: nanoseconds exceed what a double holds exactly.
    return time === 0 ? at : writer.ascii(at, short.zeros);
  }

  #writeExact(writer: ByteWriter, at: number, timestamp: Point['timestamp'], stampNs: bigint | undefined): number {
    if (timestamp === undefined || typeof timestamp === 'object' || timestamp !== this.#last) {
      const exact = pointTimestamp(timestamp, stampNs, this.#options);
      if (exact === undefined) {
        this.#hasMissing = true;
        return at;
      }
      this.#last = timestamp;
      this.#lastExact = exact;
      this.#lastText = String(exact);
      this.#isLastCounted = false;
    }
    if (!this.#isLastCounted) this.#count(this.#lastExact);
    return writer.ascii(writer.byte(at, SPACE), this.#lastText);
  }

  #count(timestamp: bigint): void {
    this.#exact = joinTimes(this.#exact, { firstTimestamp: timestamp, lastTimestamp: timestamp });
    this.#isLastCounted = true;
  }
}

/** A conversion that needs no bigint: dividing by a whole number, or appending zeros. */
interface Shortcut {
  readonly divisor: number;
  readonly zeros: string;
  /** Timestamps up to this size are exact doubles, and times that InfluxDB can store. */
  readonly max: number;
  /** The least and the greatest that were converted, without the zeros; none yet while `first` is greater than `last`. */
  first: number;
  last: number;
}

const NONE = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };

function timesOf(short: Shortcut | undefined): SummaryTimes {
  if (short === undefined || short.first > short.last) return noTimes;
  const factor = 10n ** BigInt(short.zeros.length);
  return { firstTimestamp: BigInt(short.first) * factor, lastTimestamp: BigInt(short.last) * factor };
}

function shortcut(from: bigint, to: bigint): Shortcut | undefined {
  const secondsMax = 9_223_372_036;
  const max = Math.min(Number.MAX_SAFE_INTEGER, (secondsMax * 1e9) / Number(from));
  if (to >= from) return { divisor: Number(to / from), zeros: '', max, ...NONE };
  const zeros = String(from / to).slice(1);
  const isPowerOfTen = /^0*$/.test(zeros) && String(from / to).startsWith('1');
  return isPowerOfTen ? { divisor: 1, zeros, max, ...NONE } : undefined;
}
