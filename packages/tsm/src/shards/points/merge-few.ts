import { copyWords, HIGH, LOW } from '../../words';
import type { PointBatch } from '../contract';
import { BATCH_POINTS, type FieldStream } from './field-stream';

/** Fewer points than these are not worth a batch of their own, unless a column ends with them. */
const WHOLE_POINTS_MIN = 16;

/**
 * Merges a few fields into points: each of them is looked at for each point.
 *
 * @param times memory for the times of a batch
 */
export async function* mergeFew(
  seriesKey: Uint8Array,
  fields: readonly FieldStream[],
  times: BigInt64Array,
): AsyncGenerator<PointBatch> {
  const timeWords = new Uint32Array(times.buffer);
  for (const stream of fields) stream.reserve(BATCH_POINTS);
  while (fields.some(({ hasNext }) => hasNext)) {
    const whole = fillWhole(fields, timeWords);
    const length = whole > 0 ? whole : fillBatch(fields, timeWords);
    yield { seriesKey, length, times, timeWords, fields, isWhole: whole > 0 };
    for (const stream of fields) {
      if (!stream.hasNext || stream.position < stream.column.length) continue;
      const loading = stream.load();
      if (loading !== undefined) await loading;
    }
  }
}

/** Fills times and rows as far as all fields have the same times. Returns the number of points. */
function fillWhole(fields: readonly FieldStream[], timeWords: Uint32Array): number {
  const [first] = fields;
  if (first === undefined) return 0;
  let length = Math.min(BATCH_POINTS, first.column.length - first.position);
  for (const stream of fields) {
    if (!stream.hasNext) return 0;
    if (stream !== first) length = sameTimes(first, stream, length);
  }
  if (length < WHOLE_POINTS_MIN && length < first.column.length - first.position) return 0;
  copyWords(first.column.timeWords, 2 * first.position, 2 * (first.position + length), timeWords, 0);
  for (const stream of fields) {
    const { rows, position } = stream;
    for (let i = 0; i < length; i += 1) rows[i] = position + i;
    stream.position += length;
    if (stream.position < stream.column.length) stream.setHead();
  }
  return length;
}

/** Returns how many of the next `max` times of two fields are the same. */
function sameTimes(a: FieldStream, b: FieldStream, max: number): number {
  const { timeWords: words } = a.column;
  const { timeWords: others } = b.column;
  const end = 2 * Math.min(max, b.column.length - b.position);
  const [from, fromOther] = [2 * a.position, 2 * b.position];
  if (isEqual(words, from, others, fromOther, end)) return end >>> 1;
  let i = 0;
  while (i < end && words[from + i] === others[fromOther + i]) i += 1;
  return i >>> 1;
}

/** Compares words as bytes, which takes a tenth of the time of a loop. */
function isEqual(a: Uint32Array, from: number, b: Uint32Array, fromB: number, count: number): boolean {
  const bytes = new Uint8Array(a.buffer, a.byteOffset + 4 * from, 4 * count);
  return Buffer.compare(bytes, new Uint8Array(b.buffer, b.byteOffset + 4 * fromB, 4 * count)) === 0;
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
