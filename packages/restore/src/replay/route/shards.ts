import { nanosecondsOf, shardOriginNs } from '@ceres/influx-http/internal';
import { nanosecondsPer } from '@ceres/lineproto';
import { skimLines } from '@ceres/lineproto/internal';
import type { Body, WriteAddress } from './body';

/** Returns which shard a time falls into, judged by the policy's present shard duration: equal numbers are one shard. */
export function shardOf(timestamp: bigint, { precision, shardDurationMs }: WriteAddress): number {
  if (shardDurationMs === Infinity) return 0;
  return Number((timestamp * nanosecondsPer[precision] + shardOriginNs) / nanosecondsOf(shardDurationMs));
}

/** Returns the first and the last shard of a body, as the files of its records prove them; `undefined` if one does not. */
export function shardRange({ parts, to }: Body): readonly [first: number, last: number] | undefined {
  let range: readonly [number, number] | undefined;
  for (const { file } of parts) {
    if (file.times === undefined) return undefined;
    const [first, last] = [shardOf(file.times.first, to), shardOf(file.times.last, to)];
    range = range === undefined ? [first, last] : [Math.min(range[0], first), Math.max(range[1], last)];
  }
  return range;
}

/**
 * Returns the shards that the records of a body fall into, as their times say, each with the first of its records.
 *
 * @param shardsMax the number of shards after which there are no others
 */
export function firstRecords({ bytes, to }: Body, shardsMax: number): Map<number, Uint8Array> {
  const first = new Map<number, Uint8Array>();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let next = 0;
  for (const { end, timestamp } of skimLines(buffer)) {
    const start = next;
    next = end + 1;
    const shard = timestamp === undefined ? undefined : shardOf(timestamp, to);
    if (shard !== undefined && !first.has(shard)) first.set(shard, buffer.subarray(start, end + 1));
    if (first.size >= shardsMax) break;
  }
  return first;
}
