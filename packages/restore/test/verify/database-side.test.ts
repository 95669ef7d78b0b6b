import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@ceres/internal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerConnection } from '../../src/server/connection';
import { Columns, measurementKey } from '../../src/verify/digest/columns';
import { Grid } from '../../src/verify/digest/grid';
import { DatabaseSide } from '../../src/verify/sides/database-side';

const patienceMs = 200;
let server: Server;
/** The server's answer to a COUNT. */
let answer: string;

beforeEach(async () => {
  server = createServer(async (request, response) => {
    response.setHeader('x-influxdb-version', '1.8.10');
    let asked = '';
    for await (const chunk of request) asked += chunk;
    const query = new URLSearchParams(asked).get('q') ?? '';
    if (query.includes('COUNT')) await pause(3 * patienceMs);
    response.end(query.includes('COUNT') ? answer : answerTo(query));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => void server.close());

function answerTo(query: string): string {
  const fields = { name: 'm', columns: ['fieldKey', 'fieldType'], values: [['v', 'float']] };
  return resultOf(query.startsWith('SHOW FIELD KEYS') ? { series: [fields] } : {});
}

const resultOf = (result: object) => `${JSON.stringify({ results: [{ statement_id: 0, ...result }] })}\n`;

async function count(): Promise<ReadonlyMap<string, number>> {
  const { port } = server.address() as AddressInfo;
  const patience = { patienceMs, clock: systemClock, signal: undefined };
  const connection = await ServerConnection.connect({ url: `http://127.0.0.1:${port}` }, patience);
  const side = new DatabaseSide({ server: connection, columns: new Columns(), grid: new Grid(), until: undefined });
  const policy = { database: 'db', name: 'rp', exists: true, durationMs: Infinity, from: undefined };
  return await side.counts(policy, measurementKey('db', 'rp', 'm'));
}

it('waits longer for a count than for a small question', async () => {
  answer = resultOf({ series: [{ name: 'm', columns: ['time', 'count'], values: [[0, 12]] }] });
  expect(await count()).toEqual(new Map([['v', 12]]));
});

it('reports a query that InfluxDB gave up in the words of InfluxDB, without the URL', async () => {
  answer = resultOf({ error: 'query-timeout limit exceeded' });
  await expect(count()).rejects.toMatchObject({
    code: 'SERVER_QUERY_FAILED',
    message: expect.stringMatching(/query-timeout limit exceeded.*limit of its configuration/),
  });
});
