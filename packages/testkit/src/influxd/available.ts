import { findInfluxBinaries } from './binaries';

/**
 * Whether a test that needs a real influxd can run: `describe.skipIf(!(await influxdAvailable()))('…', …)`.
 *
 * Where there is none, it says so loudly, with the way to get one; in CI (`CI=true`) it throws instead, since a
 * skipped integration test there would be a silent hole.
 */
export async function influxdAvailable(): Promise<boolean> {
  try {
    await findInfluxBinaries();
    return true;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    const line = '!'.repeat(100);
    console.warn(`${line}\nSKIPPED: the tests on a real InfluxDB.\n${(error as Error).message}\n${line}`);
    return false;
  }
}
