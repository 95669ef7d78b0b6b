import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/http/client';
import { resolveOptions } from '../../src/options';
import { waitUntilSettled } from '../../src/settle/settled';
import { type FakeServer, httpServer } from '../fake-server';

/** Serves `/debug/vars` with the next of these counts, then again and again with the last; serves nothing else. */
function counting(...readings: readonly (readonly [begun: number, ended: number])[]): Promise<FakeServer> {
  let at = 0;
  return httpServer((request, response) => {
    request.resume();
    if (!request.url?.startsWith('/debug/vars')) return response.writeHead(404).end();
    const [begun, ended] = readings[Math.min(at, readings.length - 1)] as readonly [number, number];
    at += 1;
    const shard = { name: 'shard', values: { writeReq: begun, writeReqOk: ended, writeReqErr: 0 } };
    const httpd = { name: 'httpd', values: { writeReqActive: 0 } };
    return response.end(JSON.stringify({ 'shard:/data/db/rp/1:1': shard, 'httpd::8086': httpd }));
  });
}

async function settledMs(server: FakeServer, waitMs: number, signal?: AbortSignal): Promise<number> {
  const client = new HttpClient(resolveOptions({ url: server.url }));
  const startMs = performance.now();
  try {
    await waitUntilSettled(client, signal, waitMs);
    return performance.now() - startMs;
  } finally {
    client.close();
  }
}

describe('waitUntilSettled', () => {
  it('waits until as many requests have ended as began', async () => {
    await using server = await counting([5, 4], [5, 4], [5, 4], [6, 4], [6, 5], [6, 6]);
    // Five readings at 100 ms that show requests in flight, and three that do not.
    expect(await settledMs(server, 60_000)).toBeGreaterThan(600);
  });

  it.each([
    ['counts that never meet', () => counting([5, 4])],
    ['no counters', () => httpServer((_, response) => response.writeHead(404).end())],
    ['a web page instead of counters', () => httpServer((_, response) => response.end('<html>'))],
    ['counters of another program', () => httpServer((_, response) => response.end('{"cmdline":[]}'))],
  ])('waits for the full time if the server shows %s', async (_, open) => {
    await using server = await open();
    expect(await settledMs(server, 500)).toBeGreaterThanOrEqual(500);
  });

  it('ends with the reason of its signal', async () => {
    await using server = await counting([5, 4]);
    await expect(settledMs(server, 60_000, AbortSignal.timeout(150))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
