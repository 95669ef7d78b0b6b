import { setImmediate } from 'node:timers/promises';
import { shown } from '@ceres/influx-http/internal';
import { type Hash64, mixHigh, mixLow } from '@ceres/internal';
import type { BatchField, PointBatch, ReadRange, StoredShard } from '@ceres/tsm';
import { HIGH, LOW } from '@ceres/tsm';
import { askedService } from '../../server/snapshot/one-server';
import type { ComparedPolicy } from '../compared-policies';
import { type Columns, measurementKey, pointField } from '../digest/columns';
import type { Grid } from '../digest/grid';
import { hashSeries } from '../digest/point-hash';
import { cutSeriesKey } from '../digest/series-key';
import { minuteOf } from '../digest/time-parts';
import { hashStringAt, typeSalts } from '../digest/value-hash';
import { againHint } from './open-stored';

export interface StoredSideSettings {
  readonly columns: Columns;
  readonly grid: Grid;
  /** The names of the measurements that are selected, as a person sees them. Default: all. */
  readonly measurements: ReadonlySet<string> | undefined;
  readonly until: bigint | undefined;
  readonly signal: AbortSignal | undefined;
  /** Called for the points as they are read, for many at a time. */
  readonly onPoints: (points: number) => void;
}

/** The series that is read, and the columns of its fields by their names. */
interface CurrentSeries {
  readonly hash: Hash64;
  readonly pointColumn: number;
  readonly fields: Map<string, number>;
  readonly key: ReturnType<typeof measurementKey>;
}

/** Takes the points of a batch, whose hashes are known. */
export interface HashedPoints {
  readonly batch: PointBatch;
  readonly highs: Int32Array;
  readonly lows: Int32Array;
  readonly minutes: Int32Array;
  readonly pointColumn: number;
  /** Returns the number of the column of a field. */
  columnOf(field: BatchField): number;
}

/** How long other work of this thread waits. Without turns, the threads that sum up the backup would wait for more of it. */
const turnMsMax = 10;

/** Reads the database's side of a comparison from the files of its shards. */
export class StoredSide {
  /** The measurements that were seen, as a person sees them. */
  readonly seen = new Set<string>();
  readonly #settings: StoredSideSettings;

  constructor(settings: StoredSideSettings) {
    this.#settings = settings;
  }

  /**
   * Adds every value of a shard to the grid.
   *
   * @throws RestoreError `SNAPSHOT_SERVICE`, `SCRATCH_FULL`
   */
  async read(policy: ComparedPolicy, shard: StoredShard): Promise<void> {
    await this.visit(policy, shard, (points) => this.#addToGrid(points));
  }

  /** Passes the points of a shard on that are compared. */
  async visit(
    policy: ComparedPolicy,
    stored: StoredShard,
    take: (points: HashedPoints) => void | Promise<void>,
  ): Promise<void> {
    const { until, signal, onPoints } = this.#settings;
    const { from } = policy;
    const range: ReadRange = { ...(from !== undefined && { from }), ...(until !== undefined && { to: until - 1n }) };
    await askedService(async () => {
      const shard = await stored.open();
      try {
        const hashes = new PointHashes();
        let key: Uint8Array | undefined;
        let series: CurrentSeries | undefined;
        let turnEndsMs = performance.now() + turnMsMax;
        for await (const batch of shard.points(range)) {
          if (performance.now() >= turnEndsMs) {
            await setImmediate();
            turnEndsMs = performance.now() + turnMsMax;
          }
          signal?.throwIfAborted();
          // A series that comes in several batches has one key.
          if (key === undefined || (key !== batch.seriesKey && Buffer.compare(key, batch.seriesKey) !== 0)) {
            series = this.#seriesOf(policy, batch.seriesKey);
          }
          key = batch.seriesKey;
          if (series === undefined) continue;
          hashes.begin(batch, series.hash);
          const { pointColumn } = series;
          const current = series;
          await take({ batch, ...hashes, pointColumn, columnOf: ({ name }) => this.#columnOf(current, name) });
          onPoints(batch.length);
        }
      } finally {
        await shard.close();
      }
    }, againHint);
  }

  #seriesOf({ database, name }: ComparedPolicy, key: Uint8Array): CurrentSeries | undefined {
    const { columns, measurements } = this.#settings;
    const { measurement, tags } = cutSeriesKey(key);
    const text = shown(measurement);
    if (measurements?.has(text) === false) return undefined;
    this.seen.add(text);
    const own = measurementKey(database, name, measurement);
    return { hash: hashSeries(own, tags), pointColumn: columns.numberOf(own, pointField), fields: new Map(), key: own };
  }

  #columnOf({ fields, key }: CurrentSeries, name: Uint8Array): number {
    const text = Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
    let column = fields.get(text);
    if (column === undefined) {
      column = this.#settings.columns.numberOf(key, text);
      fields.set(text, column);
    }
    return column;
  }

  #addToGrid({ batch, highs, lows, minutes, pointColumn, columnOf }: HashedPoints): void {
    const { grid } = this.#settings;
    const { length, fields } = batch;
    for (let i = 0; i < length; ) {
      const minute = minutes[i] as number;
      const start = i;
      while (i < length && minutes[i] === minute) i += 1;
      grid.addMany('database', pointColumn, minute, i - start, 0, 0);
    }
    for (const field of fields) {
      const column = columnOf(field);
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

/** The hashes and minutes of the points of a batch, in memory that is used again. */
class PointHashes {
  highs: Int32Array = new Int32Array(0);
  lows: Int32Array = new Int32Array(0);
  minutes: Int32Array = new Int32Array(0);

  begin({ length, timeWords }: PointBatch, { hi, lo }: Hash64): void {
    if (length > this.highs.length) {
      this.highs = new Int32Array(length);
      this.lows = new Int32Array(length);
      this.minutes = new Int32Array(length);
    }
    for (let i = 0; i < length; i += 1) {
      const high = timeWords[2 * i + HIGH] as number;
      const low = timeWords[2 * i + LOW] as number;
      this.highs[i] = mixHigh(hi, lo, high, low);
      this.lows[i] = mixLow(hi, lo, high, low);
      this.minutes[i] = minuteOf(high, low);
    }
  }
}
