import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@ceres/internal';
import { encodeMessagePack } from '@ceres/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerConnection } from '../../src/server/connection';
import { Columns, measurementKey } from '../../src/verify/digest/columns';
import { Grid } from '../../src/verify/digest/grid';
import { DatabaseSide } from '../../src/verify/sides/database-side';
import { PolicyShards } from '../../src/verify/sides/policy-shards';

const patienceMs = 200;
let server: Server;
/** The server's answer to a COUNT. */
let counted: object;

beforeEach(async () => {
  server = createServer(async (request, response) => {
    response.setHeader('x-influxdb-version', '1.8.10');
    let asked = '';
    for await (const chunk of request) asked += chunk;
    const query = new URLSearchParams(asked).get('q') ?? '';
    if (query.includes('COUNT')) await pause(3 * patienceMs);
    const result = { results: [{ statement_id: 0, ...(query.includes('COUNT') ? counted : answerTo(query)) }] };
    const type = 'application/x-msgpack';
    const isMessagePack = request.headers.accept === type;
    if (isMessagePack) response.setHeader('content-type', type);
    response.end(isMessagePack ? encodeMessagePack(result) : `${JSON.stringify(result)}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => void server.close());

function answerTo(query: string): object {
  const fields = { name: 'm', columns: ['fieldKey', 'fieldType'], values: [['v', 'float']] };
  return query.startsWith('SHOW FIELD KEYS') ? { series: [fields] } : {};
}

async function count(): Promise<ReadonlyMap<string, number>> {
  const { port } = server.address() as AddressInfo;
  const patience = { patienceMs, clock: systemClock, signal: undefined };
  const connection = await ServerConnection.connect({ url: `http://127.0.0.1:${port}` }, patience);
  const shards = await PolicyShards.read(connection, undefined);
  const side = new DatabaseSide({ server: connection, columns: new Columns(), grid: new Grid(), shards });
  const policy = {
    database: 'db',
    name: 'rp',
    exists: true,
    durationMs: Infinity,
    shardDurationMs: Infinity,
    from: undefined,
  };
  return await side.counts(policy, measurementKey('db', 'rp', 'm'));
}

it('waits longer for a count than for a small question', async () => {
  counted = { series: [{ name: 'm', columns: ['time', 'count_v'], values: [[0, 12]] }] };
  expect(await count()).toEqual(new Map([['v', 12]]));
});

it('reports a query that InfluxDB gave up in the words of InfluxDB, without the URL', async () => {
  counted = { error: 'query-timeout limit exceeded' };
  await expect(count()).rejects.toMatchObject({
    code: 'SERVER_QUERY_FAILED',
    message: expect.stringMatching(/query-timeout limit exceeded.*limit of its configuration/),
  });
});
