import { setImmediate } from 'node:timers/promises';
import { shown } from '@ceres/influx-http/internal';
import { type Hash64, mixHigh, mixLow, type Pace } from '@ceres/internal';
import type { BatchField, PointBatch, ReadRange, StoredShard } from '@ceres/tsm';
import { HIGH, LOW } from '@ceres/tsm';
import { askedService } from '../../server/snapshot/one-server';
import type { ComparedPolicy } from '../compared-policies';
import { type Columns, measurementKey } from '../digest/columns';
import type { Grid } from '../digest/grid';
import { hashStringAt, typeSalts } from '../digest/value-hash';
import { RowSums } from '../scan/row-sums';
import { againHint } from './open-stored';
import { PointHashes } from './point-hashes';
import { StoredMeasurement, StoredMeasurements, StoredShapes } from './stored-measurement';

export interface StoredSideSettings {
  readonly columns: Columns;
  readonly grid: Grid;
  /** The names of the measurements that are selected, as a person sees them. Default: all. */
  readonly measurements: ReadonlySet<string> | undefined;
  readonly until: bigint | undefined;
  readonly signal: AbortSignal | undefined;
  readonly pace: Pick<Pace, 'pause'>;
  /** Called for the points as they are read, for many at a time. */
  readonly onPoints: (points: number) => void;
}

/** Takes the points of a batch, whose hashes are known. */
export interface HashedPoints {
  readonly batch: PointBatch;
  readonly hashes: PointHashes;
  readonly measurement: StoredMeasurement;
}

/** How long other work of this thread waits. Without turns, the threads that sum up the backup would wait for more of it. */
const turnMsMax = 10;

/** Reads the database's side of a comparison from the files of its shards. */
export class StoredSide {
  /** The measurements that were seen, as a person sees them. */
  readonly seen = new Set<string>();
  readonly #settings: StoredSideSettings;
  readonly #shapes = new StoredShapes();
  readonly #rows: RowSums;

  constructor(settings: StoredSideSettings) {
    this.#settings = settings;
    this.#rows = new RowSums(settings.grid, 'database');
  }

  /**
   * Adds every value of a shard to the grid.
   *
   * @throws RestoreError `SNAPSHOT_SERVICE`, `SCRATCH_FULL`
   */
  async read(policy: ComparedPolicy, shard: StoredShard): Promise<void> {
    await this.visit(policy, shard, (points) => this.#addToGrid(points));
    this.#rows.flush();
  }

  /** Passes the points of a shard on that are compared. */
  async visit(
    policy: ComparedPolicy,
    stored: StoredShard,
    take: (points: HashedPoints) => void | Promise<void>,
  ): Promise<void> {
    const { until, signal, pace, onPoints } = this.#settings;
    const { from } = policy;
    const range: ReadRange = { ...(from !== undefined && { from }), ...(until !== undefined && { to: until - 1n }) };
    await askedService(async () => {
      const shard = await stored.open();
      try {
        const hashes = new PointHashes();
        const measurements = new StoredMeasurements((name) => this.#measurementOf(policy, name));
        const series: Hash64 = { hi: 0, lo: 0 };
        let key: Uint8Array | undefined;
        let measurement: StoredMeasurement | undefined;
        let turnEndsMs = performance.now() + turnMsMax;
        for await (const batch of shard.points(range)) {
          if (performance.now() >= turnEndsMs) {
            await setImmediate();
            turnEndsMs = performance.now() + turnMsMax;
          }
          signal?.throwIfAborted();
          // A series that comes in several batches has one key.
          if (key === undefined || (key !== batch.seriesKey && Buffer.compare(key, batch.seriesKey) !== 0)) {
            measurement = measurements.ofSeries(batch.seriesKey);
            measurement?.hash.of(batch.seriesKey, measurements.nameEnd, series);
          }
          key = batch.seriesKey;
          if (measurement === undefined) continue;
          hashes.begin(batch, series);
          await take({ batch, hashes, measurement });
          onPoints(batch.length);
          await pace.pause(signal);
        }
      } finally {
        await shard.close();
      }
    }, againHint);
  }

  /** Returns what is known of a measurement; `undefined` if it is not selected. */
  #measurementOf({ database, name: retentionPolicy }: ComparedPolicy, name: string): StoredMeasurement | undefined {
    const { columns, measurements } = this.#settings;
    const text = shown(name);
    if (measurements?.has(text) === false) return undefined;
    this.seen.add(text);
    return new StoredMeasurement(measurementKey(database, retentionPolicy, name), columns, this.#shapes);
  }

  #addToGrid(points: HashedPoints): void {
    const { batch } = points;
    if (batch.isWhole) this.#addWhole(points);
    else this.#addEach(points);
  }

  /** Adds points that all have the same fields: a place is looked for once a minute, not once for each field. */
  #addWhole({ batch: { fields, length }, hashes, measurement }: HashedPoints): void {
    const { minutes } = hashes;
    const shape = measurement.shapeOf(fields);
    for (let from = 0; from < length; ) {
      const minute = minutes[from] as number;
      let to = from + 1;
      while (to < length && minutes[to] === minute) to += 1;
      this.#rows.moveTo(shape, minute, to - from);
      const { sums, at } = this.#rows;
      for (let i = 0; i < fields.length; i += 1) {
        addValues(fields[i] as BatchField, from, to, hashes, sums, at + 2 * i);
      }
      from = to;
    }
  }

  #addEach({ batch: { fields, length }, hashes, measurement }: HashedPoints): void {
    const { grid } = this.#settings;
    const { highs, lows, minutes } = hashes;
    const { pointColumn } = measurement;
    for (let i = 0; i < length; ) {
      const minute = minutes[i] as number;
      const start = i;
      while (i < length && minutes[i] === minute) i += 1;
      grid.addMany('database', pointColumn, minute, i - start, 0, 0);
    }
    const columns = measurement.columnsOf(fields);
    for (const [place, field] of fields.entries()) {
      const column = columns[place] as number;
      const { rows } = field;
      for (let i = 0; i < length; ) {
        const minute = minutes[i] as number;
        let [count, sumHi, sumLo] = [0, 0, 0];
        for (; i < length && minutes[i] === minute; i += 1) {
          const row = rows[i] as number;
          if (row < 0) continue;
          hashValueAt(field, row, value);
          const keyHi = highs[i] as number;
          const keyLo = lows[i] as number;
          count += 1;
          sumHi = (sumHi + mixHigh(keyHi, keyLo, value.hi, value.lo)) | 0;
          sumLo = (sumLo + mixLow(keyHi, keyLo, value.hi, value.lo)) | 0;
        }
        if (count > 0) grid.addMany('database', column, minute, count, sumHi, sumLo);
      }
    }
  }
}

/** Adds the values of a field that points of one minute have, side by side, to the two words of its sums. */
function addValues(
  field: BatchField,
  from: number,
  to: number,
  { highs, lows }: PointHashes,
  sums: Int32Array,
  at: number,
): void {
  const { type, column, rows } = field;
  let sumHi = sums[at] as number;
  let sumLo = sums[at + 1] as number;
  if (type === 'float' || type === 'integer') {
    const salt = typeSalts[type];
    const { valueWords } = column;
    let word = 2 * (rows[from] as number);
    for (let i = from; i < to; i += 1, word += 2) {
      const keyHi = highs[i] as number;
      const keyLo = lows[i] as number;
      const hi = (valueWords[word + HIGH] as number) ^ salt;
      const lo = (valueWords[word + LOW] as number) | 0;
      sumHi = (sumHi + mixHigh(keyHi, keyLo, hi, lo)) | 0;
      sumLo = (sumLo + mixLow(keyHi, keyLo, hi, lo)) | 0;
    }
  } else {
    for (let i = from; i < to; i += 1) {
      hashValueAt(field, rows[i] as number, value);
      sumHi = (sumHi + mixHigh(highs[i] as number, lows[i] as number, value.hi, value.lo)) | 0;
      sumLo = (sumLo + mixLow(highs[i] as number, lows[i] as number, value.hi, value.lo)) | 0;
    }
  }
  sums[at] = sumHi;
  sums[at + 1] = sumLo;
}

const value: Hash64 = { hi: 0, lo: 0 };

/** Puts a value of a field into two halves, as `hashValue` does. */
export function hashValueAt({ type, column }: BatchField, row: number, into: Hash64): void {
  if (type === 'string') {
    hashStringAt(column.text, column.starts[row] as number, column.ends[row] as number, into);
    into.hi |= 0;
    into.lo |= 0;
    return;
  }
  const isBoolean = type === 'boolean';
  const high = isBoolean ? 0 : (column.valueWords[2 * row + HIGH] as number);
  const low = isBoolean ? (column.booleans[row] as number) : (column.valueWords[2 * row + LOW] as number);
  into.hi = (high ^ typeSalts[type]) | 0;
  into.lo = low | 0;
}
