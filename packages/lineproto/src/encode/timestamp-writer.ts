import { SPACE } from '../bytes';
import type { ResolvedEncodeOptions } from '../options';
import type { Point } from '../point';
import { nanosecondsPer } from '../precision';
import type { ByteWriter } from './byte-writer';
import { pointTimestamp } from './point-timestamp';
import { writeSafeInteger } from './write-number';
import { NOT_WRITTEN } from './write-text';

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
    const at = writeSafeInteger(writer, writer.byte(start, SPACE), converted);
    // Not by multiplying: nanoseconds exceed what a double holds exactly.
    return time === 0 ? at : writer.ascii(at, short.zeros);
  }

  #writeExact(writer: ByteWriter, at: number, timestamp: Point['timestamp'], stampNs: bigint | undefined): number {
    if (timestamp === undefined || typeof timestamp === 'object' || timestamp !== this.#last) {
      const exact = pointTimestamp(timestamp, stampNs, this.#options);
      if (exact === undefined) return at;
      this.#last = timestamp;
      this.#lastText = String(exact);
    }
    return writer.ascii(writer.byte(at, SPACE), this.#lastText);
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
