import type { PointBatch } from '@ceres/tsm';
import type { ResolvedSeed } from '../options';
import type { OpenShard } from '../source/contract';
import { measurementFilter } from './measurement-filter';

/** Yields the points of a shard that are selected. */
export async function* selectedPoints(
  shard: OpenShard,
  { selection }: Pick<ResolvedSeed, 'selection'>,
): AsyncGenerator<PointBatch> {
  const { from, until, measurements } = selection;
  const isSelected = measurementFilter(measurements);
  const range = { ...(from !== undefined && { from }), ...(until !== undefined && { to: until - 1n }) };
  for await (const batch of shard.points(range)) if (isSelected(batch.seriesKey)) yield batch;
}
