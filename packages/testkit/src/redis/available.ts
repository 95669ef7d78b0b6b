import { available } from '../servers/available';
import { findRedisBinary } from './binary';

/** Whether a test that needs a real Redis can run; like `influxdAvailable`. */
export function redisAvailable(): Promise<boolean> {
  return available('a real Redis', findRedisBinary);
}
