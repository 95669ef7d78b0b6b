import { SPACE } from '../bytes';
import type { ResolvedEncodeOptions } from '../options';
import type { Point } from '../point';
import { nanosecondsPer } from '../precision';
import type { ByteWriter } from './byte-writer';
import { pointTimestamp } from './point-timestamp';
import { writeSafeInteger } from './write-number';

/** Writes ` timestamp` in the precision of the line; nothing for a point that has none. */
export class TimestampWriter {
  readonly #options: ResolvedEncodeOptions;
  readonly #fromNumber: Shortcut | undefined;
  readonly #fromDate: Shortcut | undefined;
  /** The last timestamp that was converted the long way, and its text: neighbours often share one. */
  #last: Point['timestamp'];
  #lastText = '';

  constructor(options: ResolvedEncodeOptions) {
    this.#options = options;
    this.#fromNumber = shortcut(nanosecondsPer[options.timestampPrecision], nanosecondsPer[options.precision]);
    this.#fromDate = shortcut(nanosecondsPer.ms, nanosecondsPer[options.precision]);
  }

  write(writer: ByteWriter, timestamp: Point['timestamp'], stampNs: bigint | undefined): void {
    if (typeof timestamp === 'number' && this.#writeShort(writer, timestamp, this.#fromNumber)) return;
    if (timestamp instanceof Date && this.#writeShort(writer, timestamp.getTime(), this.#fromDate)) return;
    if (timestamp === undefined || typeof timestamp === 'object' || timestamp !== this.#last) {
      const exact = pointTimestamp(timestamp, stampNs, this.#options);
      if (exact === undefined) return;
      this.#last = timestamp;
      this.#lastText = String(exact);
    }
    writer.byte(SPACE);
    writer.ascii(this.#lastText);
  }

  #writeShort(writer: ByteWriter, timestamp: number, short: Shortcut | undefined): boolean {
    if (short === undefined || !(Math.abs(timestamp) <= short.max) || timestamp % short.divisor !== 0) return false;
    writer.byte(SPACE);
    writeSafeInteger(writer, timestamp / short.divisor);
    // Not by multiplying: nanoseconds exceed what a double holds exactly.
    if (timestamp !== 0) writer.ascii(short.zeros);
    return true;
  }
}

/** A conversion that needs no bigint: dividing by a whole number, or appending zeros. */
interface Shortcut {
  readonly divisor: number;
  readonly zeros: string;
  /** Within it, timestamps are exact doubles, and times that InfluxDB can store. */
  readonly max: number;
}

function shortcut(from: bigint, to: bigint): Shortcut | undefined {
  const secondsMax = 9_223_372_036;
  const max = Math.min(Number.MAX_SAFE_INTEGER, (secondsMax * 1e9) / Number(from));
  if (to >= from) return { divisor: Number(to / from), zeros: '', max };
  const zeros = String(from / to).slice(1);
  return /^0*$/.test(zeros) && String(from / to).startsWith('1') ? { divisor: 1, zeros, max } : undefined;
}
