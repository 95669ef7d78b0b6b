import { randomUUID } from 'node:crypto';
import { available } from '../servers/available';
import { findInfluxBinaries } from './binaries';
import { query } from './http';
import { startInfluxd } from './influxd';

/** A server for tests that only need databases. A server that is not ours is left as it was. */
export interface OpenInfluxd {
  /** The server's address, which may contain `user:password@`. */
  readonly url: string;
  readonly version: string;
  /** Creates an empty database and returns its name, `ceres_test_…`. */
  createDatabase(): Promise<string>;
  /** Drops the databases it created, and stops the server if it is ours. */
  close(): Promise<void>;
}

/** Opens the server that `INFLUXDB_URL` names, whatever its version. If the variable is not set, it starts one. */
export async function openInfluxd(): Promise<OpenInfluxd> {
  const given = process.env.INFLUXDB_URL;
  const own = given ? undefined : await startInfluxd();
  const url = own?.url ?? (given as string);
  const created: string[] = [];
  return {
    url,
    version: own?.version ?? (await versionOf(url)),
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

/** Returns whether tests that use `openInfluxd` can run, like `influxdAvailable`. */
export function openInfluxdAvailable(): Promise<boolean> {
  return available('a real InfluxDB (or any other: INFLUXDB_URL)', async () => {
    if (!process.env.INFLUXDB_URL) await findInfluxBinaries();
  });
}

async function versionOf(url: string): Promise<string> {
  const { headers } = await fetch(new URL('/ping', new URL(url).origin));
  return headers.get('x-influxdb-version') ?? 'unknown';
}
