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
import {
  atIndex,
  type CheckedLines,
  copyOf,
  joinedLines,
  type OnReject,
  overlong,
  type Reject,
  withoutTimestamp,
} from './checked-lines';
import type { Stamper } from './stamper';

/** Up to as many points, and as many fields in them, take few milliseconds. */
const pointsAtOnceMax = 5_000;
const fieldsAtOnceMax = 100_000;
/** A step takes about a millisecond. */
const stepPoints = 256;

/** Says whether points are so many that they should be encoded in steps. */
export function areMany(points: readonly { readonly fields?: unknown }[]): boolean {
  return points.length > pointsAtOnceMax || points.length * fieldCountOf(points) > fieldsAtOnceMax;
}

/** Returns the number of fields of the first point, as those of the others mostly are. Reading a point may throw: then it has none. */
function fieldCountOf(points: readonly { readonly fields?: unknown }[]): number {
  try {
    return Object.keys(points[0]?.fields ?? {}).length;
  } catch {
    return 0;
  }
}

/** Yields the points, a step's worth at a time. */
export function* chunksOf<P>(
  points: readonly P[],
): Generator<{ readonly chunk: readonly P[]; readonly firstIndex: number }> {
  for (let at = 0; at < points.length; at += stepPoints) {
    yield { chunk: points.slice(at, at + stepPoints), firstIndex: at };
  }
}

/** Encodes points. Each point without a timestamp gets one of its own. */
export class PointEncoder {
  readonly #options: { readonly precision: Precision; readonly onPrecisionLoss: OnPrecisionLoss };
  readonly #stamper: Stamper;
  /** The encoders by the precision in which timestamps are given. */
  readonly #encoders = new Map<Precision, LineEncoder>();

  constructor(precision: Precision, onPrecisionLoss: OnPrecisionLoss, stamper: Stamper) {
    this.#options = { precision, onPrecisionLoss };
    this.#stamper = stamper;
  }

  /** Encodes the points of one write. `onReject` may throw; if it returns, the point is left out. */
  encode(points: readonly Point[], onReject: OnReject): CheckedLines {
    return this.#encode(points, 0, onReject);
  }

  /** Does the same in steps. The bytes that it returns are its own. */
  *encodeInSteps(points: readonly Point[], onReject: OnReject): Generator<void, CheckedLines, undefined> {
    const parts: CheckedLines[] = [];
    for (const { chunk, firstIndex } of chunksOf(points)) {
      const part = this.#encode(chunk, firstIndex, onReject);
      parts.push({ ...part, bytes: copyOf(part.bytes) });
      yield;
    }
    return yield* joinedLines(parts);
  }

  #encode(points: readonly Point[], firstIndex: number, onReject: OnReject): CheckedLines {
    const good = firstIsStamped(points) ? this.encodeIfGood(points, this.#options.precision) : undefined;
    return good ?? this.#oneByOne(points, firstIndex, onReject);
  }

  /** Encodes points whose timestamps count in `timestampPrecision`; returns `undefined` if one has none, or cannot be stored. */
  encodeIfGood(points: readonly Point[], timestampPrecision: Precision): CheckedLines | undefined {
    const encoder = this.#encoderFor(timestampPrecision);
    try {
      const bytes = encoder.encode(points);
      const { summary } = encoder;
      const isGood = summary !== undefined && summary.recordBytesMax <= RECORD_BYTES_MAX;
      return isGood ? { bytes, lines: points.length, summary, rejects: [] } : undefined;
    } catch {
      return undefined; // encoded one by one, they show which of them are bad
    }
  }

  #encoderFor(timestampPrecision: Precision): LineEncoder {
    const known = this.#encoders.get(timestampPrecision);
    if (known !== undefined) return known;
    const encoder = new LineEncoder({ ...this.#options, timestampPrecision });
    this.#encoders.set(timestampPrecision, encoder);
    return encoder;
  }

  /** Encodes one point per call: the encoder gives one stamp to all points of a call, and reports only the first fault, and not where a line ends. */
  #oneByOne(points: readonly Point[], firstIndex: number, onReject: OnReject): CheckedLines {
    const lines: Uint8Array[] = [];
    const rejects: Reject[] = [];
    for (const [at, point] of points.entries()) {
      const index = firstIndex + at;
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

  /** Returns the point's line, or why there is none, even if a getter of the caller's threw or a value has no text. */
  #encodeOne(point: Point, index: number): Uint8Array | LineProtocolError {
    let stamp: bigint | undefined;
    try {
      stamp = point?.timestamp === undefined ? this.#stamper.next() : undefined;
      const line = this.#encoderFor(this.#options.precision).encode([point], stamp);
      return overlong(line.byteLength - 1, 'point', index) ?? copyOf(line);
    } catch (error) {
      if (error instanceof LineProtocolError) {
        const isStamp = stamp !== undefined && error.code === 'PRECISION_LOSS';
        return isStamp
          ? withoutTimestamp('point', index, this.#options.precision, error)
          : atIndex(error, 'point', index);
      }
      const message = `point ${index} cannot be read: ${asError(error).message}`;
      return new LineProtocolError('INVALID_VALUE', message, { index, cause: error });
    }
  }
}

/** Returns a point as text for a reader of the quarantine. JSON has no circles, and reading the point may throw: then Node's own form must do. */
function toText(point: Point): string {
  try {
    const text = JSON.stringify(point, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    return text ?? String(point);
  } catch {
    return inspect(point, { customInspect: false });
  }
}

/** Says whether the first point has a timestamp; false if a getter of the caller's throws, which is then reported with the point's index. */
function firstIsStamped(points: readonly Point[]): boolean {
  try {
    return points[0]?.timestamp !== undefined;
  } catch {
    return false;
  }
}
