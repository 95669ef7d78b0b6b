import { LineEncoder, LineProtocolError, type OnPrecisionLoss, type Point, type Precision } from '@ceres/lineproto';
import { atIndex, copyOf, type OnReject, type PreparedLines, type Reject } from './prepared';
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
    if (points.every((point) => point?.timestamp !== undefined)) {
      try {
        return { bytes: this.#encoder.encode(points), lines: points.length, rejects: [] };
      } catch (error) {
        if (!(error instanceof LineProtocolError)) throw error;
      }
    }
    return this.#oneByOne(points, onReject);
  }

  /** The encoder gives one stamp to all points of a call, and says no more than the first fault. */
  #oneByOne(points: readonly Point[], onReject: OnReject): PreparedLines {
    const lines: Uint8Array[] = [];
    const rejects: Reject[] = [];
    points.forEach((point, index) => {
      const stamp = point?.timestamp === undefined ? this.#stamper.next() : undefined;
      try {
        lines.push(copyOf(this.#encoder.encode([point], stamp)));
      } catch (error) {
        if (!(error instanceof LineProtocolError)) throw error;
        const reject = { index, bytes: Buffer.from(toJson(point)), error: atIndex(error, 'point', index) };
        onReject(reject);
        rejects.push(reject);
      }
    });
    return { bytes: Buffer.concat(lines), lines: lines.length, rejects };
  }
}

function toJson(point: Point): string {
  const text = JSON.stringify(point, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return text ?? String(point);
}
