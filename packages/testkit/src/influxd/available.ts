import { available } from '../servers/available';
import { findInfluxBinaries } from './binaries';

/**
 * Whether a test that needs a real influxd can run: `describe.skipIf(!(await influxdAvailable()))('…', …)`.
 *
 * Where there is none, it says so loudly, with the way to get one; in CI (`CI=true`) it throws.
 */
export function influxdAvailable(): Promise<boolean> {
  return available('a real InfluxDB', findInfluxBinaries);
}
