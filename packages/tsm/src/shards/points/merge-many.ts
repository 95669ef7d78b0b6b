import { HIGH, LOW } from '../../words';
import type { PointBatch } from '../contract';
import { LeastFirst } from '../merge/least-first';
import { BATCH_POINTS, type FieldStream } from './field-stream';

/** The most entries that the rows of all fields have together. */
const ROWS_MAX = 500_000;
const BATCH_POINTS_MIN = 16;
/** A batch ends before fewer than one in this number of its entries is a value: what reads it looks at each entry. */
const ENTRIES_A_VALUE = 16;
const ENTRIES_MIN = 1_024;

/**
 * Merges many fields into points, in a time that grows with their values: a batch has only the fields that have a value in it.
 *
 * @param times memory for the times of a batch
 */
export async function* mergeMany(
  seriesKey: Uint8Array,
  fields: readonly FieldStream[],
  times: BigInt64Array,
): AsyncGenerator<PointBatch> {
  const pointsMax = Math.max(BATCH_POINTS_MIN, Math.min(BATCH_POINTS, Math.floor(ROWS_MAX / fields.length)));
  const timeWords = new Uint32Array(times.buffer);
  const waiting = new LeastFirst<FieldStream>(isEarlier);
  for (const [place, stream] of fields.entries()) {
    stream.place = place;
    stream.reserve(pointsMax);
    waiting.add(stream);
  }
  while (waiting.first !== undefined) {
    const { length, active, ended } = fillBatch(waiting, timeWords, pointsMax);
    yield { seriesKey, length, times, timeWords, fields: active };
    for (const stream of ended) {
      const loading = stream.load();
      if (loading !== undefined) await loading;
      if (stream.hasNext) waiting.add(stream);
    }
  }
}

interface FilledBatch {
  readonly length: number;
  /** The fields with a value in the batch, by name. */
  readonly active: readonly FieldStream[];
  /** Those of them that need their next column. */
  readonly ended: readonly FieldStream[];
}

/** Fills times and rows until the batch is full, has few values for its size, or a field needs its next column. */
function fillBatch(waiting: LeastFirst<FieldStream>, timeWords: Uint32Array, pointsMax: number): FilledBatch {
  const active: FieldStream[] = [];
  const ended: FieldStream[] = [];
  let length = 0;
  let values = 0;
  for (let first = waiting.first; first !== undefined && ended.length === 0; first = waiting.first) {
    if (length === pointsMax || active.length * length > ENTRIES_MIN + ENTRIES_A_VALUE * values) break;
    const { headHigh, headLow } = first;
    timeWords[2 * length + HIGH] = headHigh;
    timeWords[2 * length + LOW] = headLow;
    for (
      let stream: FieldStream | undefined = first;
      stream !== undefined && stream.headHigh === headHigh && stream.headLow === headLow;
      stream = waiting.first
    ) {
      if (stream.filled === -1) {
        stream.filled = 0;
        active.push(stream);
      }
      fillGap(stream, length);
      stream.rows[length] = stream.position;
      stream.filled = length + 1;
      stream.position += 1;
      values += 1;
      const hasMore = stream.position < stream.column.length;
      if (hasMore) stream.setHead();
      else ended.push(stream);
      waiting.moveFirst(hasMore);
    }
    length += 1;
  }
  for (const stream of active) {
    fillGap(stream, length);
    stream.filled = -1;
  }
  active.sort((a, b) => a.place - b.place);
  return { length, active, ended };
}

/** Says that the field has no value in the points from the last one with a value up to `length`. */
function fillGap(stream: FieldStream, length: number): void {
  stream.rows.fill(-1, stream.filled, length);
}

function isEarlier(a: FieldStream, b: FieldStream): boolean {
  return a.headHigh < b.headHigh || (a.headHigh === b.headHigh && a.headLow < b.headLow);
}
