import { LF } from '../bytes';
import { LineProtocolError } from '../errors';
import { type EncodeOptions, type ResolvedEncodeOptions, resolveEncodeOptions } from '../options';
import type { Point } from '../point';
import type { LineSummary } from '../summary/line-summary';
import { ByteWriter } from './byte-writer';
import { NameCache } from './names/name-cache';
import { notAnObject } from './names/written-name';
import { TimestampWriter } from './values/timestamp-writer';
import { verifyLine } from './verify-line';
import { writeFields } from './write-fields';
import { writeSeriesKey } from './write-series-key';

/** The size to begin with: the buffer doubles as often as it must. */
const BUFFER_BYTES = 4 * 1024;

/**
 * Encodes points as bytes into one reusable buffer, without allocating anything for an ordinary point.
 *
 * @example
 * ```ts
 * const encoder = new LineEncoder({ precision: 's' });
 * const lines = encoder.encode([{ measurement: 'cpu', fields: { load: 0.5 }, timestamp: 1700000000 }]);
 * ```
 */
export class LineEncoder {
  readonly #options: ResolvedEncodeOptions;
  readonly #writer: ByteWriter;
  readonly #names: NameCache;
  readonly #timestamp: TimestampWriter;
  #summary: LineSummary | undefined;

  /** @throws LineProtocolError `INVALID_OPTIONS` */
  constructor(options: EncodeOptions) {
    this.#options = resolveEncodeOptions(options);
    this.#names = new NameCache(this.#options.integerFields);
    this.#writer = new ByteWriter(BUFFER_BYTES);
    this.#timestamp = new TimestampWriter(this.#options);
  }

  /**
   * Returns one line per point, every line ending in LF: a view of the encoder's buffer, valid until the next call.
   *
   * @param stamp the time, in ns, of all points that have none, as InfluxDB gives one time to a batch; it must fit the
   *   precision as any other
   * @throws LineProtocolError as {@link encodePoint}, with the `index` of the point; the encoder can be used again
   */
  encode(points: Iterable<Point>, stamp?: bigint): Uint8Array {
    const writer = this.#writer;
    writer.holdsNewline = false;
    this.#timestamp.begin();
    this.#summary = undefined;
    let index = 0;
    let at = 0;
    let recordBytesMax = 0;
    try {
      for (const point of points) {
        const end = this.#encodePoint(at, point, stamp);
        if (end - at > recordBytesMax) recordBytesMax = end - at;
        at = end;
        index += 1;
      }
    } catch (error) {
      if (!(error instanceof LineProtocolError)) throw error;
      throw new LineProtocolError(error.code, `point ${index}: ${error.message}`, { index, cause: error });
    }
    const { firstTimestamp, lastTimestamp } = this.#timestamp.times();
    if (firstTimestamp !== undefined || index === 0) {
      this.#summary = {
        lines: index,
        bytes: at,
        firstTimestamp,
        lastTimestamp,
        recordBytesMax,
        hasInnerNewline: writer.holdsNewline,
      };
    }
    return writer.bytes.subarray(0, at);
  }

  /** The summary of the lines encoded last; `undefined` if one of them has no timestamp, or the call failed. */
  get summary(): LineSummary | undefined {
    return this.#summary;
  }

  #encodePoint(start: number, point: Point, stamp: bigint | undefined): number {
    if (typeof point !== 'object' || point === null) throw notAnObject('a point', point);
    const writer = this.#writer;
    writer.needsProof = false;
    const names = this.#names.of(point.measurement);
    let at = writeSeriesKey(writer, start, names, point.tags);
    at = writeFields(writer, at, names, point.fields, at - start);
    at = this.#timestamp.write(writer, at, point.timestamp, stamp);
    if (writer.needsProof) verifyLine(writer.bytes.toString('utf8', start, at), point, this.#options.precision);
    return writer.byte(at, LF);
  }
}

/**
 * Returns one point as a line, without LF.
 *
 * @throws LineProtocolError `NO_FIELDS`, `INVALID_NAME`, `INVALID_VALUE`, `INVALID_TIMESTAMP`, `PRECISION_LOSS`,
 * `KEY_TOO_LONG` or `INVALID_OPTIONS`
 */
export function encodePoint(point: Point, options: EncodeOptions): string {
  const line = new LineEncoder(options).encode([point]);
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength - 1).toString('utf8');
}
