import { inspect } from 'node:util';
import {
  LineEncoder,
  LineProtocolError,
  type OnPrecisionLoss,
  type Point,
  type Precision,
  RECORD_BYTES_MAX,
} from '@ceres/lineproto';
import { summarizeValidLines } from '@ceres/lineproto/internal';
import { asError } from '../errors';
import { atIndex, type CheckedLines, copyOf, type OnReject, overlong, type Reject } from './checked-lines';
import type { Stamper } from './stamper';

/** Encodes points; those without a timestamp get one each. */
export class PointEncoder {
  readonly #encoder: LineEncoder;
  readonly #stamper: Stamper;

  constructor(precision: Precision, onPrecisionLoss: OnPrecisionLoss, stamper: Stamper) {
    this.#encoder = new LineEncoder({ precision, onPrecisionLoss });
    this.#stamper = stamper;
  }

  /** `onReject` may throw; otherwise the point is left out. */
  encode(points: readonly Point[], onReject: OnReject): CheckedLines {
    try {
      if (points[0]?.timestamp !== undefined) {
        const bytes = this.#encoder.encode(points);
        const { summary } = this.#encoder;
        const isGood = summary !== undefined && summary.recordBytesMax <= RECORD_BYTES_MAX;
        if (isGood) return { bytes, lines: points.length, summary, rejects: [] };
      }
    } catch {
      // one by one they say which is wrong, and all that are
    }
    return this.#oneByOne(points, onReject);
  }

  /** The encoder gives one stamp to all points of a call, says no more than the first fault, and not where a line ends. */
  #oneByOne(points: readonly Point[], onReject: OnReject): CheckedLines {
    const lines: Uint8Array[] = [];
    const rejects: Reject[] = [];
    for (const [index, point] of points.entries()) {
      const line = this.#encodeOne(point, index);
      if (line instanceof LineProtocolError) {
        onReject({ error: line });
        rejects.push({ index, bytes: Buffer.from(toText(point)), error: line });
      } else {
        lines.push(line);
      }
    }
    const bytes = Buffer.concat(lines);
    return { bytes, lines: lines.length, summary: summarizeValidLines(bytes), rejects };
  }

  /** Its line, or why there is none: also where a getter of the caller's threw, or a value has no text. */
  #encodeOne(point: Point, index: number): Uint8Array | LineProtocolError {
    try {
      const stamp = point?.timestamp === undefined ? this.#stamper.next() : undefined;
      const line = this.#encoder.encode([point], stamp);
      return overlong(line.byteLength - 1, 'point', index) ?? copyOf(line);
    } catch (error) {
      if (error instanceof LineProtocolError) return atIndex(error, 'point', index);
      const message = `point ${index} cannot be read: ${asError(error).message}`;
      return new LineProtocolError('INVALID_VALUE', message, { index, cause: error });
    }
  }
}

/** JSON has no circles, and reading the point may throw: what Node prints then will do for whoever looks at the quarantine. */
function toText(point: Point): string {
  try {
    const text = JSON.stringify(point, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    return text ?? String(point);
  } catch {
    return inspect(point, { customInspect: false });
  }
}
