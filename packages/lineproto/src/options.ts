import { LineProtocolError } from './errors';
import { nanosecondsPer, type OnPrecisionLoss, type Precision } from './precision';

/** How points become lines. */
export interface EncodeOptions {
  /** Of the timestamps written. */
  readonly precision: Precision;
  /** Of the numbers, bigints and digit strings given as timestamps. Default: `precision`. */
  readonly timestampPrecision?: Precision;
  /** A timestamp finer than `precision` is refused (default), or cut to the earlier moment. */
  readonly onPrecisionLoss?: OnPrecisionLoss;
  /** Fields that are integers though given as `number`, by measurement. */
  readonly integerFields?: Readonly<Record<string, readonly string[]>>;
}

export interface ResolvedEncodeOptions {
  readonly precision: Precision;
  readonly timestampPrecision: Precision;
  readonly onPrecisionLoss: OnPrecisionLoss;
  readonly integerFields: ReadonlyMap<string, ReadonlySet<string>>;
}

const ENCODE_OPTIONS = ['precision', 'timestampPrecision', 'onPrecisionLoss', 'integerFields'];

/** Defaults and checks, in one place; its result is all that the inside sees. */
export function resolveEncodeOptions(options: EncodeOptions): ResolvedEncodeOptions {
  refuseUnknown(options, ENCODE_OPTIONS);
  const precision = checkPrecision(options.precision);
  return Object.freeze({
    precision,
    timestampPrecision: checkPrecision(options.timestampPrecision ?? precision),
    onPrecisionLoss: checkOnPrecisionLoss(options.onPrecisionLoss ?? 'refuse'),
    integerFields: new Map(Object.entries(options.integerFields ?? {}).map(toFieldSet)),
  });
}

function toFieldSet([measurement, fields]: [string, readonly string[]]): [string, ReadonlySet<string>] {
  if (Array.isArray(fields)) return [measurement, new Set(fields)];
  const message = `integerFields of ${JSON.stringify(measurement)} must be an array of field keys, not ${String(fields)}`;
  throw new LineProtocolError('INVALID_VALUE', message);
}

/** @throws LineProtocolError `INVALID_VALUE` naming the option that may have been meant */
export function refuseUnknown(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new LineProtocolError('INVALID_VALUE', `options are needed, an object with ${known.join(', ')}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = known.find((candidate) => candidate.toLowerCase().startsWith(name.slice(0, 4).toLowerCase()));
    const hint = meant === undefined ? `the options are ${known.join(', ')}` : `did you mean '${meant}'?`;
    throw new LineProtocolError('INVALID_VALUE', `there is no option '${name}': ${hint}`);
  }
}

export function checkPrecision(precision: Precision): Precision {
  if (typeof precision === 'string' && Object.hasOwn(nanosecondsPer, precision)) return precision;
  throw new LineProtocolError(
    'INVALID_VALUE',
    `precision must be one of ${Object.keys(nanosecondsPer).join(', ')}, not ${String(precision)}`,
  );
}

export function checkOnPrecisionLoss(value: OnPrecisionLoss): OnPrecisionLoss {
  if (value === 'refuse' || value === 'truncate') return value;
  throw new LineProtocolError('INVALID_VALUE', `onPrecisionLoss must be 'refuse' or 'truncate', not ${String(value)}`);
}

/** A limit that must be a whole number of at least one. */
export function checkLimit(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new LineProtocolError('INVALID_VALUE', `${name} must be a whole number of at least 1, not ${String(value)}`);
}
