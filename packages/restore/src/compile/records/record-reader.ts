import type { Precision } from '@ceres/lineproto';
import { ExactRecords, skimLines, unescapeName } from '@ceres/lineproto/internal';
import type { RejectCode } from '../../replay/account/rejects';
import { type RecordFilter, STRING_BYTES_MAX, type UnsentRecords, whyInvalid } from '../../replay/route/record-filter';
import type { PolicyRows } from '../rows/policy-rows';
import { PASSED_OVER, UNKNOWN } from '../rows/series-table';
import { type Measurement, type Shape, STRING } from '../rows/shape';
import { ShapeRows } from '../rows/shape-rows';
import type { RowsOrConflict, ShardRows } from '../rows/shard-rows';
import type { UnitRows } from '../rows/unit-rows';
import type { BatchOutcome } from './batch-outcome';
import { readExactFields } from './exact-fields';
import { NOT_QUICK, readQuickFields } from './quick-fields';
import { TimeReader } from './time-reader';
import { WordBounds } from './word-bounds';

const LF = 0x0a;
const SPACE = 0x20;

/** What reads the records of one file for one policy. */
export interface RecordReaderSettings {
  readonly unit: UnitRows;
  readonly policy: PolicyRows;
  readonly filter: RecordFilter;
  readonly precision: Precision;
}

/** Turns the records of a file into rows. Nearly all are read in one pass, by the shape of the record that their series had before. */
export class RecordReader {
  readonly #unit: UnitRows;
  readonly #policy: PolicyRows;
  readonly #filter: RecordFilter;
  readonly #precision: Precision;
  readonly #bounds: WordBounds;
  readonly #time: TimeReader;
  /** Takes what the filter does not admit. An expired record counts only if its shard is wanted. */
  readonly #unsent: UnsentRecords;
  #outcome: BatchOutcome = nothing();
  /** The first blank at or behind the record that is read. */
  #blank = -1;

  constructor({ unit, policy, filter, precision }: RecordReaderSettings) {
    this.#unit = unit;
    this.#policy = policy;
    this.#filter = filter;
    this.#precision = precision;
    this.#bounds = new WordBounds(filter.bounds, precision);
    this.#time = new TimeReader(precision);
    this.#unsent = {
      rejectUnsent: (code, record) => this.#reject(code, record),
      expireUnsent: () => this.#expire(),
    };
  }

  /** Adds the records of a batch. */
  add(bytes: Buffer): BatchOutcome {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let exact: ExactRecords | undefined;
    this.#outcome = nothing();
    this.#blank = -1;
    for (let at = 0; at < bytes.length; ) {
      const end = this.#readQuick(bytes, view, at);
      if (end !== NOT_QUICK) {
        at = end + 1;
        continue;
      }
      exact ??= new ExactRecords(bytes, this.#precision);
      if (!exact.readFrom(at)) break;
      this.#readExact(bytes, view, exact);
      at = exact.end + 1;
    }
    return this.#outcome;
  }

  /** Returns the offset of the LF behind the record that begins at `start`, or {@link NOT_QUICK}. */
  #readQuick(bytes: Buffer, view: DataView, start: number): number {
    const { series: table, lastShapes, values, text } = this.#unit;
    let series = table.findNext(view, start);
    let seriesEnd = table.end;
    if (series === UNKNOWN) {
      if (this.#blank < start) {
        const found = bytes.indexOf(SPACE, start);
        this.#blank = found === -1 ? bytes.length : found;
      }
      seriesEnd = this.#blank;
      if (seriesEnd === bytes.length) return NOT_QUICK;
      series = table.find(view, start, seriesEnd);
    }
    const shape = series < 0 ? undefined : lastShapes[series];
    if (shape === undefined) return NOT_QUICK;
    const fieldsEnd = readQuickFields(bytes, view, seriesEnd + 1, shape, values, text);
    if (fieldsEnd === NOT_QUICK) return NOT_QUICK;
    const end = this.#time.read(bytes, fieldsEnd);
    if (end === NOT_QUICK) return NOT_QUICK;
    this.#judge(bytes, start, end, series, shape);
    return end;
  }

  #readExact(bytes: Buffer, view: DataView, exact: ExactRecords): void {
    const { start, end, seriesEnd, layout, timestamp } = exact;
    const { series: table, lastShapes } = this.#unit;
    if (timestamp !== undefined) this.#time.set(timestamp);
    if (exact.fault !== undefined) {
      this.#rejectInvalid(bytes, exact);
      return;
    }
    const known = table.find(view, start, seriesEnd);
    if (known === PASSED_OVER) return;
    if (!this.#filter.admits(this.#unsent, bytes, exact)) {
      if (known === UNKNOWN && !this.#filter.selects(bytes, exact))
        table.add(bytes.subarray(start, seriesEnd), PASSED_OVER);
      return;
    }
    if (known === UNKNOWN && hasSeparator(bytes, start, seriesEnd)) {
      this.#reject('INVALID_NAME', bytes.subarray(start, end));
      return;
    }
    const escapedName = bytes.toString('latin1', start, layout.measurementEnd);
    const measurement = this.#unit.measurement(escapedName, unescapeName(escapedName));
    const series = known === UNKNOWN ? this.#newSeries(bytes, exact, measurement) : known;
    const shape = this.#readFields(bytes, view, exact, measurement);
    lastShapes[series] = shape.isQuick ? shape : undefined;
    this.#take(bytes, start, end, series, shape);
  }

  /** Reads the fields of a valid record. The first record of a series nearly always has the shape of those of its neighbors. */
  #readFields(bytes: Buffer, view: DataView, exact: ExactRecords, measurement: Measurement): Shape {
    const { values, text } = this.#unit;
    const { lastShape } = measurement;
    if (lastShape?.isQuick === true) {
      const end = readQuickFields(bytes, view, exact.seriesEnd + 1, lastShape, values, text);
      if (end !== NOT_QUICK) return lastShape;
    }
    const shape = readExactFields(bytes, exact, measurement, this.#unit);
    measurement.lastShape = shape;
    return shape;
  }

  /** Rejects a record that InfluxDB would refuse, unless a replay would not send it either. */
  #rejectInvalid(bytes: Buffer, { start, end }: ExactRecords): void {
    const record = bytes.subarray(start, end);
    // With the blanks before it: without them it may seem to end earlier, or to have a time.
    const line = bytes.subarray(start === 0 ? 0 : bytes.lastIndexOf(LF, start - 1) + 1, end);
    const unsent = { ...this.#unsent, rejectUnsent: (code: RejectCode) => this.#reject(code, record) };
    for (const skimmed of skimLines(line)) {
      if (!this.#filter.admits(unsent, line, skimmed)) return;
      break;
    }
    this.#reject(whyInvalid(record, this.#precision) ?? 'UNPARSEABLE', record);
  }

  #newSeries(bytes: Buffer, exact: ExactRecords, measurement: Shape['measurement']): number {
    const { series: table } = this.#unit;
    const key = exact.storedSeriesKey();
    const spelling = bytes.subarray(exact.start, exact.seriesEnd);
    if (key.buffer === bytes.buffer) return table.addSeries(spelling, measurement);
    const view = new DataView(key.buffer, key.byteOffset, key.length);
    const found = table.find(view, 0, key.length);
    const series = found >= 0 ? found : table.addSeries(key, measurement);
    table.add(spelling, series);
    return series;
  }

  /** Takes a record whose time the filter has not seen. */
  #judge(bytes: Buffer, start: number, end: number, series: number, shape: Shape): void {
    if (!this.#bounds.isOpen) {
      const verdict = this.#bounds.judge(this.#time.high, this.#time.low);
      if (verdict === 'expired') this.#expire();
      if (verdict !== 'in') return;
    }
    this.#take(bytes, start, end, series, shape);
  }

  /** Adds a row, or rejects the record for the types of its fields. */
  #take(bytes: Buffer, start: number, end: number, series: number, shape: Shape): void {
    const { high, low } = this.#time;
    const shard = this.#policy.shardAt(high, low);
    if (shard === undefined) return;
    const rows = rowsOf(shape, shard);
    if (rows instanceof ShapeRows) {
      const unit = this.#unit;
      unit.rowBytes += rows.push(series, unit.nextNumber, low, high, unit.values.words);
      unit.nextNumber += 1;
      shard.records += 1;
      this.#outcome.stored += 1;
      if (unit.text.hasLong) this.#countLongStrings(shape);
      return;
    }
    const { field, given, existing } = rows;
    const name = [this.#policy.name, toText(shape.measurement.name), toText(field)].join('.');
    this.#outcome.typeConflicts.add(`${name}: the backup has ${given}, the shard ${existing}`);
    this.#reject('TYPE_CONFLICT', bytes.subarray(start, end));
  }

  /** Counts a record if one of its strings is long. One that was refused may have been longer. */
  #countLongStrings({ types }: Shape): void {
    const { text, values } = this.#unit;
    text.hasLong = false;
    const isLong = (type: number, field: number) =>
      type === STRING && (values.words[2 * field + 1] as number) > STRING_BYTES_MAX;
    if (types.some(isLong)) this.#outcome.longStrings += 1;
  }

  /** Keeps a copy of a record: the batch is soon overwritten. */
  #reject(code: RejectCode, record: Uint8Array): void {
    this.#outcome.rejected.push({ code, record: Uint8Array.from(record) });
  }

  #expire(): void {
    if (this.#policy.shardAt(this.#time.high, this.#time.low) !== undefined) this.#outcome.expired += 1;
  }
}

function nothing(): BatchOutcome {
  return { stored: 0, expired: 0, longStrings: 0, rejected: [], typeConflicts: new Set() };
}

const SEPARATOR = Buffer.from('#!~#');

/** Returns whether a series key holds what divides it from a field in a file. InfluxDB takes it, and finds another series after its next start. */
function hasSeparator(bytes: Buffer, start: number, end: number): boolean {
  return bytes.subarray(start, end).includes(SEPARATOR);
}

/** Returns what the rows of a shape are to a shard. The shape remembers the last answer. */
function rowsOf(shape: Shape, shard: ShardRows): RowsOrConflict {
  if (shape.lastShard === shard) return shape.lastRows as RowsOrConflict;
  const rows = shard.of(shape);
  shape.lastShard = shard;
  shape.lastRows = rows;
  return rows;
}

function toText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
