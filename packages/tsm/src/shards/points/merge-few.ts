import { HIGH, LOW } from '../../words';
import type { PointBatch } from '../contract';
import { BATCH_POINTS, type FieldStream } from './field-stream';

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
    const length = fillBatch(fields, timeWords);
    yield { seriesKey, length, times, timeWords, fields };
    for (const stream of fields) {
      if (!stream.hasNext || stream.position < stream.column.length) continue;
      const loading = stream.load();
      if (loading !== undefined) await loading;
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
