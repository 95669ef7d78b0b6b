import { precisionParameter } from '@ceres/influx-http/internal';
import type { Precision } from '@ceres/lineproto';
import type { InfluxDB, IPoint, IWriteOptions, TimePrecision } from 'influx';
import { SinkError } from '../../errors';
import type { RawLines } from '../../stages/encode';
import { floorTo, fromNanoseconds, isCoarser, precisionOfWord } from '../parameters/precision';
import { badPoint, nodeInfluxLine } from './line';

/** One `writePoints` call in two forms: the lines to back up, and the points that make node-influx send the same lines. */
export interface NodeInfluxBatch {
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  /** One record per point, in order. */
  readonly lines: RawLines;
  /** Copies that the caller cannot change, each with its timestamp. */
  readonly points: readonly IPoint[];
  /** Returns whether the caller gave the point with this index its timestamp. */
  readonly hadTimestamp: (index: number) => boolean;
}

/** What a batch needs to know of time. */
export interface BatchTimes {
  /** Returns the time for a point without a timestamp, in nanoseconds. */
  stamp(): bigint;
  /** The sink's precision: InfluxDB gets no finer time than the backup keeps. */
  readonly storedPrecision: Precision;
}

/**
 * Reads the points as node-influx would: the client's schemas, its default database, the call's precision.
 *
 * @throws node-influx's own errors (schema violations, no database), from its `parsePoint`
 * @throws SinkError `INVALID_DATA` where node-influx would write something else than it was given
 */
export function readBatch(
  client: InfluxDB,
  points: readonly IPoint[],
  options: IWriteOptions,
  times: BatchTimes,
): NodeInfluxBatch {
  const word = options.precision ?? 'n';
  const precision = precisionOf(word);
  const database = options.database ?? defaultDatabase(client);
  const parseOptions = { database, precision: word };
  let lines = '';
  const stamped = new Set<number>();
  const copies = points.map((point, index) => {
    checkGiven(point, index);
    // Name by name: the points may be objects of a class, whose getters a spread would not copy.
    const { measurement, tags, fields, timestamp: given } = point;
    const copy = { measurement, tags: { ...tags }, fields: { ...fields }, timestamp: given } as IPoint;
    const withTime = client.parsePoint(copy, parseOptions);
    if (isMissing(withTime.castedTimestamp)) stamped.add(index);
    const timestamp = timestampOf(withTime.castedTimestamp, precision, times, index);
    lines += `${index === 0 ? '' : '\n'}${nodeInfluxLine(withTime, index)} ${timestamp}`;
    copy.timestamp = storedTime(timestamp, precision, times.storedPrecision);
    return copy;
  });
  const retentionPolicy = options.retentionPolicy ?? '';
  const hadTimestamp = (index: number) => !stamped.has(index);
  return { database, retentionPolicy, lines: { lines, precision }, points: copies, hadTimestamp };
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
function timestampOf(given: unknown, precision: Precision, times: BatchTimes, index: number): string {
  if (isMissing(given)) return String(fromNanoseconds(times.stamp(), precision));
  const digits = String(given);
  if (!/^-?\d+$/.test(digits)) {
    throw badPoint(index, `has the timestamp ${digits}: it must be a Date or a whole number of the call's precision`);
  }
  return digits;
}

function isMissing(given: unknown): boolean {
  return given === undefined || given === '';
}

/** Returns what the backup keeps of a time, still in the precision of the call. */
function storedTime(digits: string, precision: Precision, storedPrecision: Precision): string {
  return isCoarser(storedPrecision, precision) ? String(floorTo(BigInt(digits), precision, storedPrecision)) : digits;
}

/** Reads what node-influx has no public way to ask for. Where this fails, `parsePoint` says that there is no database. */
function defaultDatabase(client: InfluxDB): string {
  const { _options } = client as unknown as { readonly _options?: { readonly database?: string } };
  const database = _options?.database;
  if (typeof database === 'string' && database !== '') return database;
  client.parsePoint({ measurement: 'm', fields: { v: 1 } });
  throw new SinkError(
    'INVALID_DATA',
    `teeInflux() cannot read this client's default database: name it in the call, { database: 'db_0' }.`,
  );
}
