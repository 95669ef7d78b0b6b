import { shown } from '@ceres/influx-http/internal';
import { type Hash64, mixHigh, mixLow } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import { ExactRecords, unescapeName } from '@ceres/lineproto/internal';
import { readExactFields } from '../../compile/records/exact-fields';
import { NOT_QUICK, readQuickFields } from '../../compile/records/quick-fields';
import { TimeReader } from '../../compile/records/time-reader';
import { ValueWords } from '../../compile/records/value-words';
import { isBefore, type Words } from '../../compile/records/word-bounds';
import { PASSED_OVER, SeriesTable, UNKNOWN } from '../../compile/rows/series-table';
import { BOOLEAN, FLOAT, INTEGER, type Measurement, type Shape } from '../../compile/rows/shape';
import { TextHeap } from '../../compile/rows/text-heap';
import { measurementKey } from '../digest/columns';
import { SeriesHash } from '../digest/series-hash';
import { minuteOf } from '../digest/time-parts';
import { hashStringAt, typeSalts } from '../digest/value-hash';
import type { RecordParts } from './record-parts';
import type { RecordShape, RecordShapes } from './record-shape';

const SPACE = 0x20;
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Which records of a policy count. */
export interface ScannedPolicy {
  /** Its names on the server. */
  readonly database: string;
  readonly name: string;
  /** The first time, and the first one after all. */
  readonly from: Words | undefined;
  readonly until: Words | undefined;
  /** The names of the measurements that are selected, as a person sees them. Default: all. */
  readonly measurements: ReadonlySet<string> | undefined;
}

/** Turns the records of one policy into hashes, byte by byte. It makes objects for what is new: a series, or a set of fields. */
export class RecordScanner {
  readonly #policy: ScannedPolicy;
  readonly #shapes: RecordShapes;
  readonly #parts: Pick<RecordParts, 'add'>;
  readonly #series = new SeriesTable();
  /** The hashes of the series by their numbers, two words each. */
  #seriesHashes = new Int32Array(256);
  readonly #lastShapes: (Shape | undefined)[] = [];
  readonly #measurements = new Map<string, Measurement>();
  readonly #hashes = new Map<Measurement, SeriesHash>();
  readonly #values = new ValueWords();
  readonly #text = new TextHeap();
  readonly #hash: Hash64 = { hi: 0, lo: 0 };
  /** The first blank at or behind the record that is read. */
  #blank = -1;
  #time = new TimeReader('s');
  #precision: Precision = 's';

  constructor(policy: ScannedPolicy, shapes: RecordShapes, parts: Pick<RecordParts, 'add'>) {
    this.#policy = policy;
    this.#shapes = shapes;
    this.#parts = parts;
  }

  /** The memory that the names of its series take. */
  get sizeBytes(): number {
    return this.#series.sizeBytes;
  }

  /** Adds the records of a batch. One that a restore does not write, such as one without a time, is passed over. */
  scan(bytes: Buffer, precision: Precision): void {
    if (precision !== this.#precision) {
      this.#precision = precision;
      this.#time = new TimeReader(precision);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let exact: ExactRecords | undefined;
    this.#blank = -1;
    this.#text.clear();
    for (let at = 0; at < bytes.length; ) {
      const end = this.#readQuick(bytes, view, at);
      if (end !== NOT_QUICK) {
        at = end + 1;
        continue;
      }
      exact ??= new ExactRecords(bytes, precision);
      if (!exact.readFrom(at)) break;
      this.#readExact(bytes, view, exact);
      at = exact.end + 1;
    }
  }

  /** Returns the offset of the LF behind the record that begins at `start`, or {@link NOT_QUICK}. */
  #readQuick(bytes: Buffer, view: DataView, start: number): number {
    let series = this.#series.findNext(view, start);
    let seriesEnd = this.#series.end;
    if (series === UNKNOWN) {
      if (this.#blank < start) {
        const found = bytes.indexOf(SPACE, start);
        this.#blank = found === -1 ? bytes.length : found;
      }
      seriesEnd = this.#blank;
      if (seriesEnd === bytes.length) return NOT_QUICK;
      series = this.#series.find(view, start, seriesEnd);
    }
    const shape = series < 0 ? undefined : this.#lastShapes[series];
    if (shape === undefined) return NOT_QUICK;
    const fieldsEnd = readQuickFields(bytes, view, seriesEnd + 1, shape, this.#values, this.#text);
    if (fieldsEnd === NOT_QUICK) return NOT_QUICK;
    const end = this.#time.read(bytes, fieldsEnd);
    if (end !== NOT_QUICK) this.#take(series, shape);
    return end;
  }

  #readExact(bytes: Buffer, view: DataView, exact: ExactRecords): void {
    const { start, seriesEnd, layout, timestamp, fault } = exact;
    if (fault !== undefined || timestamp === undefined) return;
    this.#time.set(timestamp);
    const known = this.#series.find(view, start, seriesEnd);
    if (known === PASSED_OVER) return;
    const measurement = this.#measurement(bytes.toString('latin1', start, layout.measurementEnd));
    const series = known === UNKNOWN ? this.#newSeries(bytes.subarray(start, seriesEnd), measurement) : known;
    if (series === PASSED_OVER) return;
    const shape = this.#readFields(bytes, view, exact, measurement);
    this.#lastShapes[series] = shape.isQuick ? shape : undefined;
    this.#take(series, shape);
  }

  /** Reads the fields of a valid record. The first record of a series nearly always has the shape of those of its neighbors. */
  #readFields(bytes: Buffer, view: DataView, exact: ExactRecords, measurement: Measurement): Shape {
    const { lastShape } = measurement;
    if (lastShape?.isQuick === true) {
      const end = readQuickFields(bytes, view, exact.seriesEnd + 1, lastShape, this.#values, this.#text);
      if (end !== NOT_QUICK) return lastShape;
    }
    const shape = readExactFields(bytes, exact, measurement, { values: this.#values, text: this.#text });
    measurement.lastShape = shape;
    return shape;
  }

  #measurement(escapedName: string): Measurement {
    let measurement = this.#measurements.get(escapedName);
    if (measurement === undefined) {
      measurement = { escapedName, name: unescapeName(escapedName), shapes: new Map() };
      this.#measurements.set(escapedName, measurement);
    }
    return measurement;
  }

  /** Each spelling of a key is a series of its own here; those of one series have one hash. */
  #newSeries(spelling: Buffer, measurement: Measurement): number {
    const { database, name, measurements } = this.#policy;
    if (measurements?.has(shown(measurement.name)) === false) {
      this.#series.add(spelling, PASSED_OVER);
      return PASSED_OVER;
    }
    const series = this.#series.addSeries(spelling, measurement);
    if (2 * series >= this.#seriesHashes.length) {
      const larger = new Int32Array(2 * this.#seriesHashes.length);
      larger.set(this.#seriesHashes);
      this.#seriesHashes = larger;
    }
    let hash = this.#hashes.get(measurement);
    if (hash === undefined) {
      hash = new SeriesHash(measurementKey(database, name, measurement.name));
      this.#hashes.set(measurement, hash);
    }
    hash.of(spelling, measurement.escapedName.length, this.#hash);
    this.#seriesHashes[2 * series] = this.#hash.hi;
    this.#seriesHashes[2 * series + 1] = this.#hash.lo;
    return series;
  }

  /** Adds the record that was read, unless its time is not selected. */
  #take(series: number, shape: Shape): void {
    const { high, low } = this.#time;
    const { from, until } = this.#policy;
    if (from !== undefined && isBefore(high, low, from)) return;
    if (until !== undefined && !isBefore(high, low, until)) return;
    const seriesHi = this.#seriesHashes[2 * series] as number;
    const seriesLo = this.#seriesHashes[2 * series + 1] as number;
    const keyHi = mixHigh(seriesHi, seriesLo, high, low);
    const keyLo = mixLow(seriesHi, seriesLo, high, low);
    this.#toHalves(shape.types);
    const { number } = this.#recordShapeOf(shape);
    this.#parts.add(keyHi, keyLo, number, minuteOf(high, low), shape.types.length, this.#values.words);
  }

  /** Turns the values into what `hashValue` makes of them, in place: a float is that already. */
  #toHalves(types: Uint8Array): void {
    const { words } = this.#values;
    for (let i = 0; i < types.length; i += 1) {
      const type = types[i];
      if (type === FLOAT) continue;
      if (type === INTEGER) words[2 * i + HIGH] = (words[2 * i + HIGH] as number) ^ typeSalts.integer;
      else if (type === BOOLEAN) {
        const value = words[2 * i] as number;
        words[2 * i + HIGH] = typeSalts.boolean;
        words[2 * i + LOW] = value;
      } else {
        const address = words[2 * i] as number;
        const start = this.#text.offsetOf(address);
        const chunk = this.#text.chunkAt(address);
        hashStringAt(chunk, start, start + (words[2 * i + 1] as number), this.#hash);
        words[2 * i + HIGH] = this.#hash.hi;
        words[2 * i + LOW] = this.#hash.lo;
      }
    }
  }

  /** Returns the columns of a shape, which the shape remembers. */
  #recordShapeOf(shape: Shape): RecordShape {
    if (shape.lastShard === this) return shape.lastRows as RecordShape;
    const { database, name } = this.#policy;
    const made = this.#shapes.of(measurementKey(database, name, shape.measurement.name), shape);
    shape.lastShard = this;
    shape.lastRows = made;
    return made;
  }
}
