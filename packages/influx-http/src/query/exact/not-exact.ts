import type { TypedSeries } from '../typed/answer-reader';

/** Says why no query reads a measurement exactly. Others of the same server can be read. */
export class NotExact extends Error {}

/**
 * InfluxDB groups points by their tag values, joined with NULs: two sets of tags with a NUL in one value may be one to it, and the points of both
 * come under the tags of one.
 *
 * @throws NotExact
 */
export function refuseJoinedTags({ tags }: TypedSeries): void {
  if (tags.length < 2 || !tags.some(([, value]) => value.includes('\0'))) return;
  throw new NotExact('a tag value holds a NUL, where InfluxDB cannot tell sets of tags apart');
}

/**
 * No query reads every value with its type where a field has several types and shards overlap in time.
 *
 * @throws NotExact
 */
export function refuseTypesInOverlap(hasSeveralTypes: boolean, shards: number): void {
  if (!hasSeveralTypes || shards <= 1) return;
  throw new NotExact('a field has several types, and shards overlap in time: no query reads every value with its type');
}
