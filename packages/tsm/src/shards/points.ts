import type { Column, FieldType } from '../column';
import { ColumnBuffer } from '../column';
import { splitKey } from '../files/key';
import { HIGH, LOW } from '../words';
import type { BatchField, PointBatch, ReadRange } from './contract';
import { KeyMerge } from './merge/key-merge';
import type { KeyWalk } from './merge/key-walk';

/** The most points in a batch. */
const BATCH_POINTS = 1_000;

/** One field of the current series: its merged points, of which the next is number `position` of `column`. */
class FieldStream implements BatchField {
  readonly merge: KeyMerge = new KeyMerge();
  readonly rows: Int32Array = new Int32Array(BATCH_POINTS);
  name: Uint8Array = new Uint8Array(0);
  column: Column = new ColumnBuffer();
  position = 0;
  hasNext = false;
  /** The words of the time of the next point; the high word is signed. */
  headHigh = 0;
  headLow = 0;

  get type(): FieldType {
    return this.merge.type;
  }

  /** Takes the next column. */
  async load(): Promise<void> {
    const column = await this.merge.next();
    this.hasNext = column !== undefined;
    if (column === undefined) return;
    this.column = column;
    this.position = 0;
    this.setHead();
  }

  setHead(): void {
    this.headHigh = (this.column.timeWords[2 * this.position + HIGH] as number) | 0;
    this.headLow = this.column.timeWords[2 * this.position + LOW] as number;
  }
}

/** Yields the points of all series with their fields merged. */
export async function* readPoints(walk: KeyWalk, range: ReadRange): AsyncGenerator<PointBatch> {
  const pool: FieldStream[] = [];
  let series: Uint8Array | undefined;
  let count = 0;
  for (;;) {
    const key = await walk.next();
    const next = key === undefined ? undefined : splitKey(key);
    if (series !== undefined && (next === undefined || Buffer.compare(next.seriesKey, series) !== 0)) {
      yield* mergeFields(series, pool.slice(0, count));
      count = 0;
    }
    if (next === undefined) return;
    series = next.seriesKey;
    const stream = pool[count] ?? new FieldStream();
    pool[count] = stream;
    count += 1;
    stream.name = next.field;
    walk.collect(stream.merge, range);
  }
}

async function* mergeFields(seriesKey: Uint8Array, all: readonly FieldStream[]): AsyncGenerator<PointBatch> {
  for (const stream of all) await stream.load();
  // A field without points in the range is left out.
  const fields = all.filter(({ hasNext }) => hasNext);
  const times = new BigInt64Array(BATCH_POINTS);
  const timeWords = new Uint32Array(times.buffer);
  while (fields.some(({ hasNext }) => hasNext)) {
    const length = fillBatch(fields, timeWords);
    yield { seriesKey, length, times, timeWords, fields };
    for (const stream of fields) {
      if (stream.hasNext && stream.position === stream.column.length) await stream.load();
    }
  }
}

/** Fills times and rows until the batch is full or a field needs its next column. Returns the number of points. */
function fillBatch(fields: readonly FieldStream[], timeWords: Uint32Array): number {
  let length = 0;
  for (let isExhausted = false; length < BATCH_POINTS && !isExhausted; length += 1) {
    let high = 0x8000_0000;
    let low = 0;
    for (const { hasNext, headHigh, headLow } of fields) {
      if (hasNext && (headHigh < high || (headHigh === high && headLow < low))) {
        high = headHigh;
        low = headLow;
      }
    }
    timeWords[2 * length + HIGH] = high;
    timeWords[2 * length + LOW] = low;
    for (const stream of fields) {
      if (!stream.hasNext || stream.headHigh !== high || stream.headLow !== low) {
        stream.rows[length] = -1;
        continue;
      }
      stream.rows[length] = stream.position;
      stream.position += 1;
      if (stream.position < stream.column.length) stream.setHead();
      else isExhausted = true;
    }
  }
  return length;
}
