import { precisionParameter } from '@ceres/influx-http/internal';
import type { Precision } from '@ceres/lineproto';
import type { InfluxDB, IPoint, IWriteOptions, TimePrecision } from 'influx';
import { SinkError } from '../../errors';
import type { RawLines } from '../../stages/encode';
import { floorTo, isCoarser, precisionOfWord } from '../parameters/precision';
import { defaultDatabase } from './client';
import { badPoint, nodeInfluxLine } from './line';

/** The destination of a call of `writePoints`, and how its points are read. */
export interface CallRules {
  readonly database: string;
  /** node-influx's word for the precision of the call. */
  readonly word: TimePrecision;
  readonly precision: Precision;
  /** Returns the time for a point without a timestamp, in `unit`. */
  stamp(unit: Precision): bigint;
}

/**
 * Reads the options of a call, with node-influx's defaults.
 *
 * @throws SinkError `INVALID_DATA` for a word that is no precision; node-influx's own error if no database is named
 */
export function readCall(client: InfluxDB, options: IWriteOptions, stamp: CallRules['stamp']): CallRules {
  const { precision: word = 'n', database = defaultDatabase(client) } = options;
  return { database, word, precision: precisionOf(word), stamp };
}

/** The points of one `writePoints` call as lines, one for each point, in order. */
export interface Batch {
  readonly lines: RawLines;
  /** The digits of each point's timestamp, in the precision of the call. */
  readonly timestamps: readonly string[];
  /** Returns whether the caller gave the point with this index its timestamp. */
  readonly hadTimestamp: (index: number) => boolean;
}

/**
 * Reads points as node-influx would: by the client's schemas, its default database, the call's precision.
 *
 * @throws node-influx's own errors (schema violations), from its `parsePoint`
 * @throws SinkError `INVALID_DATA` where node-influx would write something else than it was given
 */
export function readBatch(client: InfluxDB, points: readonly IPoint[], rules: CallRules): Batch {
  const { database, word, precision } = rules;
  const parseOptions = { database, precision: word };
  let lines = '';
  const stamped = new Set<number>();
  const timestamps = points.map((point, index) => {
    checkGiven(point, index);
    const withTime = client.parsePoint(point, parseOptions);
    if (isMissing(withTime.castedTimestamp)) stamped.add(index);
    const timestamp = timestampOf(withTime.castedTimestamp, rules, index);
    lines += `${index === 0 ? '' : '\n'}${nodeInfluxLine(withTime, index)} ${timestamp}`;
    return timestamp;
  });
  const hadTimestamp = (index: number) => !stamped.has(index);
  return { lines: { lines, precision }, timestamps, hadTimestamp };
}

/** Copies points that are read twice: the caller may change them, or they may be objects of a class with getters. */
export function copyPoints(points: readonly IPoint[]): IPoint[] {
  return points.map((point, index) => {
    checkGiven(point, index);
    // Name by name: a spread would not copy the getters of a class.
    const { measurement, tags, fields, timestamp } = point;
    return { measurement, tags: { ...tags }, fields: { ...fields }, timestamp } as IPoint;
  });
}

/** Refuses what node-influx would answer with a bare TypeError. */
function checkGiven(point: IPoint, index: number): void {
  if (typeof point !== 'object' || point === null) throw badPoint(index, `is ${String(point)}, not a point`);
  if (typeof point.timestamp !== 'bigint') return;
  throw badPoint(
    index,
    'has a bigint as its timestamp, which node-influx does not take: give it as a string of digits',
  );
}

/** Refuses words that node-influx would pass to the server, which reads every word that it does not know as nanoseconds. */
function precisionOf(word: TimePrecision): Precision {
  const precision = precisionOfWord(word);
  if (precision === undefined || precisionParameter[precision] !== word) {
    throw new SinkError(
      'INVALID_DATA',
      `Expected the \`precision\` of writePoints() to be one of n, u, ms, s, m, h, got '${word}'; nothing was written.`,
    );
  }
  return precision;
}

/**
 * Returns the timestamp of a point, or gives it one. That is cut to the precision of the call, as InfluxDB would do; the sink
 * then refuses it, like every other, if the backup cannot hold it.
 */
function timestampOf(given: unknown, { precision, stamp }: CallRules, index: number): string {
  if (isMissing(given)) return String(stamp(precision));
  const digits = String(given);
  if (!/^-?\d{1,19}$/.test(digits)) {
    throw badPoint(
      index,
      `has the timestamp ${digits.slice(0, 40)}: it must be a Date or a whole number of the call's precision`,
    );
  }
  return digits;
}

function isMissing(given: unknown): boolean {
  return given === undefined || given === '';
}

/** Returns what the backup keeps of a time, still in the precision of the call. */
export function storedTime(digits: string, precision: Precision, storedPrecision: Precision): string {
  return isCoarser(storedPrecision, precision) ? String(floorTo(BigInt(digits), precision, storedPrecision)) : digits;
}
