import { KeySplitter } from '../../files/key';
import type { KnownNames } from '../../names/known-names';
import type { PointBatch, ReadRange } from '../contract';
import type { KeyWalk } from '../merge/key-walk';
import { BATCH_POINTS, FieldStream } from './field-stream';
import { mergeFew } from './merge-few';
import { mergeMany } from './merge-many';

/** Up to this number of fields, to look at each of them for each point is faster than to keep them in order. */
const FEW_FIELDS = 32;

/** Yields the points of all series with their fields merged. */
export async function* readPoints(
  walk: KeyWalk,
  range: ReadRange,
  names: KnownNames | undefined,
): AsyncGenerator<PointBatch> {
  const splitter = new KeySplitter();
  const pool: FieldStream[] = [];
  const times = new BigInt64Array(BATCH_POINTS);
  let series: Uint8Array | undefined;
  let count = 0;
  for (;;) {
    const moved = walk.next();
    const key = moved instanceof Promise ? await moved : moved;
    const next = key === undefined ? undefined : splitter.split(key, walk.shared);
    if (series !== undefined && next?.seriesKey !== series) {
      yield* mergeFields(series, pool.slice(0, count), times);
      count = 0;
    }
    if (next === undefined) return;
    series = next.seriesKey;
    const stream = pool[count] ?? new FieldStream(names);
    pool[count] = stream;
    count += 1;
    stream.name = next.field;
    walk.collect(stream.merge, range);
  }
}

async function* mergeFields(
  seriesKey: Uint8Array,
  all: readonly FieldStream[],
  times: BigInt64Array,
): AsyncGenerator<PointBatch> {
  for (const stream of all) {
    const loading = stream.load();
    if (loading !== undefined) await loading;
  }
  // A field without points in the range is left out.
  const fields = all.filter(({ hasNext }) => hasNext);
  yield* fields.length <= FEW_FIELDS ? mergeFew(seriesKey, fields, times) : mergeMany(seriesKey, fields, times);
}
