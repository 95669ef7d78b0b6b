import { inspect } from 'node:util';
import { isPrecision, precisions } from '@ceres/internal';
import { LineProtocolError, type Point, type Precision } from '@ceres/lineproto';
import { SinkError } from '../errors';
import { type CheckedLines, refuseWrite } from '../lines/checked-lines';
import { areMany, PointEncoder } from '../lines/points';
import { encodePlainLines, encodeRawLines, type StampUnit } from '../lines/raw-lines';
import { encodeRawLinesInSteps } from '../lines/raw-slices';
import type { Stamper } from '../lines/stamper';
import { inSlices } from '../scheduling/turns';

/** Lines that are already encoded, and the precision of their timestamps. */
export interface RawLines {
  /** Records separated by LF; a last LF may be missing. */
  readonly lines: string | Uint8Array;
  readonly precision: Precision;
}

/** The sink's settings that matter here. */
export interface EncodeRules {
  readonly precision: Precision;
  readonly onPrecisionLoss: 'refuse' | 'truncate';
  readonly onInvalid: 'refuse' | 'quarantine';
}

/** The first stage: turns points or raw lines into exactly the lines that are stored, and validates each of them. */
export interface Encoder {
  /**
   * @throws SinkError `INVALID_DATA`, with the index and the reason; never under `onInvalid: 'quarantine'`, unless the argument is neither points nor raw lines
   */
  encode(data: readonly Point[] | RawLines): CheckedLines;
  /** Encodes points whose timestamps count in `timestampPrecision`; returns `undefined` if one has none, or cannot be stored. */
  encodeIfGood(points: readonly Point[], timestampPrecision: Precision): CheckedLines | undefined;
  /**
   * Encodes as `encode` does, and takes long raw lines and many points in slices, so that the event loop is never kept for long. It then
   * resolves later; the caller must not change the bytes or the points before.
   */
  encodeInSlices(data: readonly Point[] | RawLines, stampsIn: StampUnit): CheckedLines | Promise<CheckedLines>;
}

/** Up to this size, even the worst lines take few milliseconds. */
const anyLinesBytesMax = 16 * 1024;
/** Up to this size, good lines take few milliseconds, and bad ones are noticed in time. */
const goodLinesBytesMax = 512 * 1024;

/** Returns the first stage. */
export function createEncoder({ precision, onPrecisionLoss, onInvalid }: EncodeRules, stamper: Stamper): Encoder {
  const points = new PointEncoder(precision, onPrecisionLoss, stamper);
  const onReject = onInvalid === 'refuse' ? refuseWrite : () => undefined;
  const rulesFor = (stampsIn: StampUnit) => ({ precision, onPrecisionLoss, stamper, stampsIn });

  const encodeWhole = ({ lines, precision: from }: RawLines, stampsIn: StampUnit) =>
    refusing(() => encodeRawLines(bytesOf(lines), from, rulesFor(stampsIn), onReject));

  return {
    encodeIfGood: (data, timestampPrecision) => points.encodeIfGood(data, timestampPrecision),
    encode: (data) => (Array.isArray(data) ? points.encode(data, onReject) : encodeWhole(checkedRawLines(data), 'ns')),
    encodeInSlices: (data, stampsIn) => {
      if (Array.isArray(data)) {
        if (!areMany(data)) return points.encode(data, onReject);
        return inSlices(points.encodeInSteps([...data], onReject)); // A copy: callers empty their arrays and fill them again.
      }
      const raw = checkedRawLines(data);
      const rules = rulesFor(stampsIn);
      if (raw.lines.length <= goodLinesBytesMax) {
        const bytes = bytesOf(raw.lines);
        if (bytes.byteLength <= anyLinesBytesMax) return encodeWhole(raw, stampsIn);
        const isSmall = bytes.byteLength <= goodLinesBytesMax;
        const plain = isSmall ? refusing(() => encodePlainLines(bytes, raw.precision, rules)) : undefined;
        if (plain !== undefined) return plain;
      }
      return inSlices(encodeRawLinesInSteps(raw.lines, raw.precision, rules, onReject));
    },
  };
}

function bytesOf(lines: string | Uint8Array): Uint8Array {
  return typeof lines === 'string' ? Buffer.from(lines) : lines;
}

/** Calls the encoder. @throws SinkError `INVALID_DATA` in place of the encoder's own error */
function refusing<T>(encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (error instanceof LineProtocolError) throw new SinkError('INVALID_DATA', error.message, { cause: error });
    throw error;
  }
}

/**
 * Returns raw lines, checked: `Array.isArray` does not narrow readonly arrays away, and callers in JavaScript may pass anything.
 *
 * @throws SinkError `INVALID_DATA`
 */
function checkedRawLines(data: readonly Point[] | RawLines): RawLines {
  if (typeof data === 'object' && data !== null && 'lines' in data) {
    if (typeof data.lines === 'string' || data.lines instanceof Uint8Array) {
      if (isPrecision(data.precision)) return data;
      const got = inspect(data.precision, { depth: 0 });
      const expected = `Expected the \`precision\` of raw lines to be one of ${precisions.join(', ')}, got ${got}.`;
      throw new SinkError('INVALID_DATA', `${expected} Write { lines, precision: 's' }.`);
    }
  }
  throw new SinkError(
    'INVALID_DATA',
    'Expected a write to get an array of points, or { lines, precision } with text or bytes.',
  );
}
