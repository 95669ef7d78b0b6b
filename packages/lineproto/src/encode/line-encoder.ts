import { LF, SPACE } from '../bytes';
import { LineProtocolError } from '../errors';
import { type EncodeOptions, type ResolvedEncodeOptions, resolveEncodeOptions } from '../options';
import type { Point } from '../point';
import { ByteWriter } from './byte-writer';
import { SeriesKeyWriter } from './series-key-writer';
import { TimestampWriter } from './timestamp-writer';
import { verifyLine } from './verify-line';
import { writeFields } from './write-fields';

/** To begin with: it doubles as often as it must. */
const BUFFER_BYTES = 4 * 1024;

/** Encodes points into one reusable buffer, written as bytes: for an ordinary point nothing is allocated. */
export class LineEncoder {
  readonly #options: ResolvedEncodeOptions;
  readonly #writer: ByteWriter;
  readonly #seriesKey = new SeriesKeyWriter();
  readonly #timestamp: TimestampWriter;

  /** @throws LineProtocolError `INVALID_VALUE` for an unknown option or precision */
  constructor(options: EncodeOptions) {
    this.#options = resolveEncodeOptions(options);
    this.#writer = new ByteWriter(BUFFER_BYTES);
    this.#timestamp = new TimestampWriter(this.#options);
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
    let index = 0;
    this.#writer.at = 0;
    try {
      for (const point of points) {
        this.#encodePoint(point, stamp);
        index += 1;
      }
    } catch (error) {
      if (!(error instanceof LineProtocolError)) throw error;
      throw new LineProtocolError(error.code, `point ${index}: ${error.message}`, { index, cause: error });
    }
    return this.#writer.bytes.subarray(0, this.#writer.at);
  }

  #encodePoint(point: Point, stamp: bigint | undefined): void {
    const writer = this.#writer;
    const start = writer.at;
    writer.holdsBackslash = false;
    this.#seriesKey.write(writer, point);
    const seriesKeyBytes = writer.at - start;
    writer.byte(SPACE);
    writeFields(writer, point, seriesKeyBytes, this.#options.integerFields.get(point.measurement));
    this.#timestamp.write(writer, point.timestamp, stamp);
    if (writer.holdsBackslash) {
      verifyLine(writer.bytes.toString('utf8', start, writer.at), point, this.#options.precision);
    }
    writer.byte(LF);
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
