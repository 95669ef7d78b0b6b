import type { TypedSeries } from '@ceres/influx-http/internal';
import { RestoreError } from '../../errors';

/** Says why one measurement cannot be compared. The comparison goes on with the others. */
export class NotComparable extends Error {}

/**
 * Returns why a measurement cannot be compared, from the error that ended its comparison.
 *
 * @throws the error itself if it concerns more than the measurement
 */
export function reasonNotToCompare(error: unknown): string {
  if (error instanceof NotComparable) return error.message;
  // InfluxDB refused or ended this query, or its answer holds what cannot be read.
  const isOfQuery = error instanceof RestoreError && ['SERVER_QUERY_FAILED', 'SERVER_UNSUPPORTED'].includes(error.code);
  if (isOfQuery) return error.message;
  throw error;
}

/**
 * InfluxDB groups points by their tag values, joined with NULs: two sets of tags with a NUL in one value may be one to it, and the points of both
 * come under the tags of one.
 *
 * @throws NotComparable
 */
export function refuseJoinedTags({ tags }: TypedSeries): void {
  if (tags.length < 2 || !tags.some(([, value]) => value.includes('\0'))) return;
  throw new NotComparable('a tag value holds a NUL, where InfluxDB cannot tell sets of tags apart');
}
