import { InfluxDB } from 'influx';

export async function createDatabases(
  url: string,
  databases: readonly string[],
  retentionPolicy: string,
  duration: string,
): Promise<void> {
  const influx = new InfluxDB(url);
  for (const database of databases) {
    await influx.createDatabase(database);
    await influx.createRetentionPolicy(retentionPolicy, { database, duration, replication: 1, isDefault: true });
  }
}

/** Asks the server what it holds: points by database, and the time of the newest, in seconds since the epoch. */
export async function countPoints(url: string, databases: readonly string[], retentionPolicy: string) {
  const influx = new InfluxDB(url);
  const points = new Map<string, number>();
  let newestPointS = 0;
  for (const database of databases) {
    const counts = await influx.query<Record<string, unknown>>(`SELECT COUNT(*) FROM "${retentionPolicy}"./.*/`, {
      database,
    });
    // Every point has all fields of its measurement, so any field's count is the number of points.
    const perMeasurement = counts.map((row) =>
      Math.max(...Object.values(row).filter((value) => typeof value === 'number')),
    );
    points.set(
      database,
      perMeasurement.reduce((sum, count) => sum + count, 0),
    );
    const newest = await influx.query<{ readonly time: Date }>(
      `SELECT * FROM "${retentionPolicy}"."device" ORDER BY time DESC LIMIT 1`,
      { database },
    );
    newestPointS = Math.max(newestPointS, (newest[0]?.time.getTime() ?? 0) / 1000);
  }
  return { points, newestPointS };
}
