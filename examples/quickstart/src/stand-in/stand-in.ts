import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { encodeMessagePack } from '@ceres/testkit';
import type { Server } from '../server';
import { answer } from './statements';
import { StandInStore } from './store';

/**
 * Starts just enough of InfluxDB 1.x for the demo, in this process and in memory, for a machine without a real one.
 * It answers the statements that the demo needs and refuses every other.
 */
export async function startStandIn(): Promise<Server> {
  let store = new StandInStore();
  const http = createServer((request, response) => {
    handle(store, request, response).catch((error: Error) => sendJson(response, 500, { error: error.message }));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const stop = async () => {
    http.closeAllConnections();
    http.close();
  };
  return {
    name: 'a stand-in that is NOT InfluxDB',
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    snapshotUrl: undefined,
    influxd: undefined,
    stop,
    destroy: async () => {
      store = new StandInStore();
      await stop();
    },
  };
}

async function handle(store: StandInStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in');
  response.setHeader('x-influxdb-version', '1.6.7');
  if (pathname === '/write') {
    const outcome = store.write(
      searchParams.get('db') ?? '',
      searchParams.get('rp') ?? '',
      searchParams.get('precision') ?? 'n',
      await buffer(request),
    );
    if (outcome === 'stored') response.writeHead(204).end();
    else sendJson(response, outcome.status, { error: outcome.error });
  } else if (pathname === '/query') {
    const form = new URLSearchParams(await text(request));
    const parameter = (name: string) => form.get(name) ?? searchParams.get(name) ?? '';
    const result = answer(store, parameter('db'), parameter('q'));
    const type = 'application/x-msgpack';
    if (request.headers.accept !== type) sendJson(response, 200, result);
    else response.writeHead(200, { 'content-type': type }).end(encodeMessagePack(result));
  } else if (pathname === '/debug/vars') {
    sendJson(response, 200, {});
  } else {
    response.writeHead(pathname === '/ping' ? 204 : 404).end();
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}
