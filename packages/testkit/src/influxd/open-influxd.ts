import { randomUUID } from 'node:crypto';
import { available } from '../servers/available';
import { findInfluxBinaries } from './binaries';
import { query } from './http';
import { startInfluxd } from './influxd';

/** A server for tests that want nothing but databases: a foreign one is left as it was found. */
export interface OpenInfluxd {
  /** May carry `user:password@`. */
  readonly url: string;
  /** Creates an empty database, `ceres_test_…`, and gives its name. */
  createDatabase(): Promise<string>;
  /** Drops the databases it created, and stops the server if it is ours. */
  close(): Promise<void>;
}

/** The server named by `INFLUXDB_URL`, whatever its version; where there is none, one of our own. */
export async function openInfluxd(): Promise<OpenInfluxd> {
  const given = process.env.INFLUXDB_URL;
  const own = given ? undefined : await startInfluxd();
  const url = own?.url ?? (given as string);
  const created: string[] = [];
  return {
    url,
    createDatabase: async () => {
      const name = `ceres_test_${randomUUID().replaceAll('-', '')}`;
      created.push(name);
      await query(url, '', `CREATE DATABASE ${name}`);
      return name;
    },
    close: async () => {
      if (own) return own.stop();
      for (const name of created) await query(url, '', `DROP DATABASE ${name}`);
    },
  };
}

/** As `influxdAvailable`, for tests that stand on `openInfluxd`. */
export function openInfluxdAvailable(): Promise<boolean> {
  return available('a real InfluxDB (or any other: INFLUXDB_URL)', async () => {
    if (!process.env.INFLUXDB_URL) await findInfluxBinaries();
  });
}
