import type { InfluxServer } from '@ceres/influx-http';
import { InfluxDB } from 'influx';

/** Statements that change the schema, by node-influx; each resolves once the server has done it. */
export type Ddl = (statement: string) => Promise<void>;

/** node-influx fills in what is undefined with root/root, and takes null for `none`. */
const nobody = null as unknown as string;

export function connectDdl(server: InfluxServer): Ddl {
  const url = new URL(server.url);
  const username = server.username ?? (decodeURIComponent(url.username) || undefined);
  const password = server.password ?? decodeURIComponent(url.password);
  const influx = new InfluxDB({
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
  return async (statement) => {
    await influx.query(statement, { method: 'POST', database: '' });
  };
}
