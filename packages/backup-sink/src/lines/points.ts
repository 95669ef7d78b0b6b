import {
  factsOfValidLines,
  LineEncoder,
  LineProtocolError,
  type OnPrecisionLoss,
  type Point,
  type Precision,
  RECORD_BYTES_MAX,
} from '@ceres/lineproto';
import { atIndex, copyOf, type OnReject, overlong, type PreparedLines, type Reject } from './prepared';
import type { Stamper } from './stamp';

/** Encodes points; those without a timestamp get one each. */
export class PointEncoder {
  readonly #encoder: LineEncoder;
  readonly #stamper: Stamper;

  constructor(precision: Precision, onPrecisionLoss: OnPrecisionLoss, stamper: Stamper) {
    this.#encoder = new LineEncoder({ precision, onPrecisionLoss });
    this.#stamper = stamper;
  }

  /** `onReject` may throw; otherwise the point is left out. */
  encode(points: readonly Point[], onReject: OnReject): PreparedLines {
    if (points[0]?.timestamp !== undefined) {
      try {
        const bytes = this.#encoder.encode(points);
        const { facts } = this.#encoder;
        const isGood = facts !== undefined && facts.recordBytesMax <= RECORD_BYTES_MAX;
        if (isGood) return { bytes, lines: points.length, facts, rejects: [] };
      } catch (error) {
        if (!(error instanceof LineProtocolError)) throw error;
      }
    }
    return this.#oneByOne(points, onReject);
  }

  /** The encoder gives one stamp to all points of a call, says no more than the first fault, and not where a line ends. */
  #oneByOne(points: readonly Point[], onReject: OnReject): PreparedLines {
    const lines: Uint8Array[] = [];
    const rejects: Reject[] = [];
    const reject = (error: LineProtocolError, point: Point, index: number) => {
      const rejected = { index, bytes: Buffer.from(toJson(point)), error };
      onReject(rejected);
      rejects.push(rejected);
    };
    points.forEach((point, index) => {
      const stamp = point?.timestamp === undefined ? this.#stamper.next() : undefined;
      try {
        const line = this.#encoder.encode([point], stamp);
        const tooLong = overlong(line.byteLength - 1, 'point', index);
        if (tooLong === undefined) lines.push(copyOf(line));
        else reject(tooLong, point, index);
      } catch (error) {
        if (!(error instanceof LineProtocolError)) throw error;
        reject(atIndex(error, 'point', index), point, index);
      }
    });
    const bytes = Buffer.concat(lines);
    return { bytes, lines: lines.length, facts: factsOfValidLines(bytes), rejects };
  }
}

function toJson(point: Point): string {
  const text = JSON.stringify(point, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return text ?? String(point);
}
