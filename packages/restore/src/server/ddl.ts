import type { InfluxServer } from '@ceres/influx-http';
import { InfluxDB } from 'influx';

/** Means "no credentials" to node-influx, which would replace `undefined` by root/root. */
const noCredentials = null as unknown as string;

/**
 * Runs a statement that changes the schema, and resolves once the server has done it.
 *
 * Every statement gets a client of its own: after a failure, node-influx would refuse the host for some seconds.
 */
export async function runDdl(server: InfluxServer, statement: string): Promise<void> {
  await connect(server).query(statement, { method: 'POST', database: '' });
}

function connect(server: InfluxServer): InfluxDB {
  const url = new URL(server.url);
  const username = server.username ?? (decodeURIComponent(url.username) || undefined);
  const password = server.password ?? decodeURIComponent(url.password);
  return new InfluxDB({
    hosts: [
      {
        host: url.hostname,
        port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
        protocol: url.protocol === 'https:' ? 'https' : 'http',
        path: url.pathname.replace(/\/$/, ''),
        options: server.token === undefined ? {} : { headers: { Authorization: `Bearer ${server.token}` } },
      },
    ],
    username: username ?? noCredentials,
    password: username === undefined ? noCredentials : password,
    pool: { maxRetries: 0, requestTimeout: server.timeoutMs ?? 300_000 },
  });
}
