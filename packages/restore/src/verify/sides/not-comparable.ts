import { NotExact } from '@ceres/influx-http/internal';
import { RestoreError } from '../../errors';

/**
 * Returns why a measurement cannot be compared, from the error that ended its comparison.
 *
 * @throws the error itself if it concerns more than the measurement
 */
export function reasonNotToCompare(error: unknown): string {
  if (error instanceof NotExact) return error.message;
  // InfluxDB refused or ended this query, or its answer holds what cannot be read.
  const isOfQuery = error instanceof RestoreError && ['SERVER_QUERY_FAILED', 'SERVER_UNSUPPORTED'].includes(error.code);
  if (isOfQuery) return error.message;
  throw error;
}
