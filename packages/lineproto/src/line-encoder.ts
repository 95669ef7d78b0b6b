import { LineProtocolError } from './errors';
import { formatPoint } from './format-point';
import { type EncodeOptions, type ResolvedEncodeOptions, resolveEncodeOptions } from './options';
import type { Point } from './point';
import { verifyLine } from './verify-line';

/** Encodes points into one reusable buffer. */
export class LineEncoder {
  readonly #options: ResolvedEncodeOptions;
  #buffer: Buffer = Buffer.allocUnsafe(64 * 1024);

  /** @throws LineProtocolError `INVALID_VALUE` for an unknown option or precision */
  constructor(options: EncodeOptions) {
    this.#options = resolveEncodeOptions(options);
  }

  /**
   * One line per point, every line ending in LF. The result is a view of the encoder's buffer, valid until the next call.
   *
   * `stamp` (ns) is given to the points without a timestamp, all of them alike, as InfluxDB gives one time to a batch; it
   * meets the same rule of precision as any other.
   *
   * @throws LineProtocolError as {@link encodePoint}; its `index` is that of the point, and the encoder can be used again
   */
  encode(points: Iterable<Point>, stamp?: bigint): Uint8Array {
    let end = 0;
    let index = 0;
    for (const point of points) {
      const line = this.#encodeAt(point, stamp, index);
      end = this.#append(`${line}\n`, end);
      index += 1;
    }
    return this.#buffer.subarray(0, end);
  }

  #encodeAt(point: Point, stamp: bigint | undefined, index: number): string {
    try {
      const line = formatPoint(point, stamp, this.#options);
      if (line.includes('\\')) verifyLine(line, point, this.#options.precision);
      return line;
    } catch (error) {
      if (!(error instanceof LineProtocolError)) throw error;
      throw new LineProtocolError(error.code, `point ${index}: ${error.message}`, { index, cause: error });
    }
  }

  #append(text: string, at: number): number {
    const worst = at + text.length * 3;
    if (worst > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(worst, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at + this.#buffer.write(text, at, 'utf8');
  }
}

/**
 * One point as a line, without LF.
 *
 * @throws LineProtocolError `NO_FIELDS`, `INVALID_NAME`, `INVALID_VALUE`, `INVALID_TIMESTAMP`, `PRECISION_LOSS` or `KEY_TOO_LONG`
 */
export function encodePoint(point: Point, options: EncodeOptions): string {
  const line = new LineEncoder(options).encode([point]);
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength - 1).toString('utf8');
}
