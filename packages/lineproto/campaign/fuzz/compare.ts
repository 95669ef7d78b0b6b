import { isDeepStrictEqual } from 'node:util';
import { type ParsedPoint, parseLine, scanLines, validateLines } from '@ceres/lineproto';
import type { StoredPoint } from './server';

/** What we expect of a batch, record by record. */
export interface Expectation {
  /** The accepted points by timestamp, which is unique in a batch; `undefined` is the time that the server gives. */
  readonly accepted: ReadonlyMap<bigint | undefined, ParsedPoint>;
  /** The accepted points that the server stores but may not find again: see {@link respelledNames}. */
  readonly unreadable: ReadonlySet<bigint | undefined>;
  readonly refused: number;
  /** How many refused records the server may store in part, with a time of its own: see {@link isCutShort}. */
  readonly cutShort: number;
  /** The times of records with a name that is not UTF-8: we refuse what the server stores, and cannot read after its next start. */
  readonly broken: ReadonlySet<bigint>;
  /** Set if two records have one time, or one field has two types: what is stored then depends on more than how lines are read. */
  readonly isAmbiguous: boolean;
}

/** Returns what we read in the bytes of a batch. */
export function expectationOf(bytes: Buffer): Expectation {
  const faults = new Map(Array.from(validateLines(bytes), ({ start, error }) => [start, error.message]));
  let cutShort = 0;
  const broken = new Set<bigint>();
  const accepted = new Map<bigint | undefined, ParsedPoint>();
  const respelled = new Set<string>();
  const types = new Map<string, string>();
  let isAmbiguous = false;
  for (const { start, end, timestamp } of scanLines(bytes)) {
    const record = bytes.toString('utf8', start, end);
    const fault = faults.get(start);
    if (fault !== undefined) {
      if (isCutShort(record, fault)) cutShort += 1;
      if (fault.includes('is not UTF-8') && timestamp !== undefined) broken.add(timestamp);
      continue;
    }
    const point = parseLine(record, { precision: 'ns' });
    for (const name of respelledNames(record, point)) respelled.add(name);
    isAmbiguous ||= accepted.has(timestamp);
    accepted.set(timestamp, point);
    for (const [field, value] of Object.entries(point.fields)) {
      const name = `${point.measurement}\n${field}`;
      isAmbiguous ||= (types.get(name) ?? typeof value) !== typeof value;
      types.set(name, typeof value);
    }
  }
  const isUnreadable = (point: ParsedPoint) => respelled.has(measurementOf(point)) || respelled.has(seriesOf(point));
  const unreadable = new Set([...accepted].filter(([, point]) => isUnreadable(point)).map(([timestamp]) => timestamp));
  isAmbiguous ||= [...broken].some((time) => accepted.has(time));
  return { accepted, unreadable, refused: faults.size, cutShort, broken, isAmbiguous };
}

/** Returns the first difference between what we expect and what the server has, or `undefined`. */
export function findDifference(expected: Expectation, stored: readonly StoredPoint[]): string | undefined {
  const tagKeys = new Set([...expected.accepted.values()].flatMap(({ tags }) => Object.keys(tags)));
  const rows = new Map(stored.map((point) => [point.timestamp, point]));
  for (const [timestamp, point] of expected.accepted) {
    const time = timestamp ?? serverTime(rows, expected);
    const row = time === undefined ? undefined : rows.get(time);
    if (time !== undefined) rows.delete(time);
    if (expected.unreadable.has(timestamp)) continue;
    if (row === undefined) return `we accept, the server does not store: ${show(point)}`;
    if (canBeCompared(point, tagKeys) && !isSame(point, row)) return `we read ${show(point)}, the server ${show(row)}`;
  }
  for (const time of expected.broken) rows.delete(time);
  const cut = [...rows.keys()].filter((time) => time > recent).slice(0, expected.cutShort);
  for (const time of cut) rows.delete(time);
  const [more] = rows.values();
  return more === undefined ? undefined : `the server stores what we do not accept: ${show(more)}`;
}

const recent = BigInt(Date.UTC(2020, 0, 1)) * 1_000_000n;

/** Returns the time of the line without timestamp: the only recent one. */
function serverTime(rows: ReadonlyMap<bigint, StoredPoint>, { accepted }: Expectation): bigint | undefined {
  return [...rows.keys()].find((time) => time > recent && !accepted.has(time));
}

/**
 * Returns whether the server may store a part of a record that we refuse. The record has a LF after the blanks behind its fields, which only a
 * quote in a tag keeps from ending it. InfluxDB 1.6 finds an empty timestamp there and ignores what follows, be it the
 * timestamp or a record. It stores the fields with its own time.
 */
function isCutShort(record: string, fault: string): boolean {
  return fault.startsWith('the timestamp is not an integer') && /[ \t\0]\n/.test(record);
}

/**
 * Returns the measurement or the series that a record spells in another way than the server would (rows of `test/tables/server.json`).
 * InfluxDB 1.6 stores points under the spelling they came in and looks for them under its own. It answers 204, and the
 * point is in its files, but a query may miss it, or miss a point of the same name in another spelling.
 */
function respelledNames(record: string, point: ParsedPoint): string[] {
  const key = /^.*?(?<!\\)(?= )/s.exec(record)?.[0] ?? '';
  const measurement = /^.*?(?<!\\)(?=,)/s.exec(key)?.[0] ?? key;
  const isMeasurement = /\\\\[," =]|\\["=]/.test(measurement);
  const isSeries = /==|=\\=|\n/.test(key);
  return [...(isMeasurement ? [measurementOf(point)] : []), ...(isSeries ? [seriesOf(point)] : [])];
}

/** Returns the measurement without escapes: the server unescapes some names more than once. */
function measurementOf({ measurement }: ParsedPoint): string {
  return measurement.replace(/\\+(?=[," =])/g, '');
}

function seriesOf(point: ParsedPoint): string {
  return JSON.stringify([measurementOf(point), point.tags]);
}

/**
 * Returns whether the server can be asked for exactly this point. InfluxQL cannot name an empty field, or tell a field from a tag
 * of the same name. JSON cannot carry bytes that are not UTF-8. And in 1.6.7 `GROUP BY *` takes two tag sets for one where a
 * value is also a key, as in `1=3` and `3=3`, or holds a NUL, with which the server joins them: `a=\0` and `b=\0`.
 */
function canBeCompared({ measurement, tags, fields }: ParsedPoint, tagKeys: ReadonlySet<string>): boolean {
  const names = [measurement, ...Object.keys(tags), ...Object.values(tags), ...Object.keys(fields)];
  const isMixedUp = (value: string) => tagKeys.has(value) || value.includes('\0');
  if (names.some((name) => name.includes('\ufffd')) || Object.values(tags).some(isMixedUp)) return false;
  return !Object.keys(fields).some((key) => key === '' || tagKeys.has(key));
}

function isSame(ours: ParsedPoint, theirs: StoredPoint): boolean {
  const { timestamp: _, ...named } = ours;
  const { timestamp: __, ...stored } = theirs;
  return isDeepStrictEqual(canonical(named), canonical(stored));
}

/**
 * Returns a point so that two equal ones compare as equal: the order of keys does not matter. Go and Node turn invalid UTF-8 into
 * different numbers of U+FFFD. And if a string goes on behind its closing quote, its last byte is dropped, which is no longer the
 * last one once invalid UTF-8 was decoded.
 */
function canonical({ measurement, tags, fields }: Omit<ParsedPoint, 'timestamp'>): unknown {
  const sorted = (object: object) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  const values = sorted(fields).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.replace(/\ufffd+/g, '\ufffd').replace(/\ufffd$/, '') : value,
  ]);
  return [measurement, sorted(tags), values];
}

function show(point: object): string {
  return JSON.stringify(point, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
