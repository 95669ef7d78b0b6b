import type { InfluxServer } from '@ceres/influx-http';
import { InfluxDB } from 'influx';

/** node-influx fills in what is undefined with root/root, and takes null for `none`. */
const nobody = null as unknown as string;

/**
 * Runs a statement that changes the schema, by node-influx; resolves once the server has done it.
 *
 * A client is made for each: after a failure node-influx would refuse its host for some seconds.
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
    username: username ?? nobody,
    password: username === undefined ? nobody : password,
    pool: { maxRetries: 0, requestTimeout: server.timeoutMs ?? 300_000 },
  });
}
