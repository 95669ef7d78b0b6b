import { InfluxDB } from 'influx';
import { DeviceFleet } from './device-fleet';

const steps = 12;
const stepSeconds = 300;
const devices = 500;

/** Writes an hour of measurements to InfluxDB alone, as a service did before it had a backup. Returns the points of each database. */
export async function writeHistory(
  url: string,
  databases: readonly string[],
  retentionPolicy: string,
): Promise<ReadonlyMap<string, number>> {
  const influx = new InfluxDB(url);
  const nowS = Math.floor(Date.now() / 1000);
  const written = new Map<string, number>();
  for (const database of databases) {
    const fleet = new DeviceFleet(devices);
    for (let step = steps; step > 0; step -= 1) {
      const timestamp = new Date((nowS - step * stepSeconds) * 1000);
      const points = fleet.read().map((point) => ({ ...point, timestamp }));
      await influx.writePoints(points, { database, retentionPolicy, precision: 's' });
      written.set(database, (written.get(database) ?? 0) + points.length);
    }
  }
  return written;
}
