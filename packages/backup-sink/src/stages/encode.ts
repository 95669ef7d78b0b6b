import { inspect } from 'node:util';
import { isPrecision, precisions } from '@ceres/internal';
import { LineProtocolError, type Point, type Precision } from '@ceres/lineproto';
import { SinkError } from '../errors';
import { type CheckedLines, refuseWrite } from '../lines/checked-lines';
import { PointEncoder } from '../lines/points';
import { encodeRawLines } from '../lines/raw-lines';
import type { Stamper } from '../lines/stamper';

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
}

/** Returns the first stage. */
export function createEncoder({ precision, onPrecisionLoss, onInvalid }: EncodeRules, stamper: Stamper): Encoder {
  const points = new PointEncoder(precision, onPrecisionLoss, stamper);
  const onReject = onInvalid === 'refuse' ? refuseWrite : () => undefined;
  const rules = { precision, onPrecisionLoss, stamper };

  return {
    encodeIfGood: (data, timestampPrecision) => points.encodeIfGood(data, timestampPrecision),
    encode(data) {
      if (Array.isArray(data)) return points.encode(data, onReject);
      const { lines, precision: from } = checkedRawLines(data);
      try {
        return encodeRawLines(typeof lines === 'string' ? Buffer.from(lines) : lines, from, rules, onReject);
      } catch (error) {
        if (error instanceof LineProtocolError) throw new SinkError('INVALID_DATA', error.message, { cause: error });
        throw error;
      }
    },
  };
}

/**
 * Returns raw lines, checked: `Array.isArray` does not narrow readonly arrays away, and callers in JavaScript may pass anything.
 *
 * @throws SinkError `INVALID_DATA`
 */
export function checkedRawLines(data: readonly Point[] | RawLines): RawLines {
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
