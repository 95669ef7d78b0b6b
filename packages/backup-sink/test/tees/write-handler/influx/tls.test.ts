import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../../src/index';
import { afterTest, openTestSink } from '../../backup';
import { send } from '../tools/client';
import { serve } from '../tools/serve';

/** Starts an InfluxDB that speaks TLS, with an untrusted certificate; returns its URL and the requests that it got. */
async function startTlsInflux() {
  const seen: string[] = [];
  const server = createServer(selfSigned, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
    response.writeHead(204, { 'x-influxdb-version': '1.6.7' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe('an InfluxDB behind https://', () => {
  it('gets nothing if its certificate is not trusted, and clients that it never accepted get 503', async () => {
    const influx = await startTlsInflux();
    const { sink, lines } = await openTestSink();
    const url = await serve(createWriteHandler(influx.url, sink, { instance: 'influxdb-0' }));
    const answer = await send(url, 'POST', '/write?db=db_0', 'm v=1 1');
    expect(answer).toMatchObject({ status: 503, body: expect.stringMatching(/self-signed.*nothing was backed up/) });
    expect((await send(url, 'GET', '/ping')).status).toBe(502);
    expect(influx.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it('gets the points if NODE_EXTRA_CA_CERTS names its certificate', async () => {
    const influx = await startTlsInflux();
    const folder = await mkdtemp(join(tmpdir(), 'ceres-tls-'));
    afterTest(() => rm(folder, { recursive: true }));
    const certificate = join(folder, 'ca.pem');
    await writeFile(certificate, selfSigned.cert);
    // Node reads the variable once, when it starts.
    const url = await startProxy([influx.url, join(folder, 'spool')], { NODE_EXTRA_CA_CERTS: certificate });
    expect((await send(url, 'POST', '/write?db=db_0&precision=s', 'm v=1 1')).status).toBe(204);
    expect(await send(url, 'GET', '/ping')).toMatchObject({ status: 204, headers: { 'x-influxdb-version': '1.6.7' } });
    expect(influx.seen).toEqual([
      'POST /write?db=db_0 ', // asks whether the client may write
      'POST /write?db=db_0&precision=n m v=1 1000000000\n',
      'GET /ping ',
    ]);
  });
});

/** Runs the handler in a process of its own until the test ends. */
async function startProxy(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const script = fileURLToPath(new URL('../tools/proxy-process.ts', import.meta.url));
  const proxy = spawn(process.execPath, ['--conditions=@ceres/source', '--import', 'tsx', script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  afterTest(async () => {
    const exited = once(proxy, 'exit');
    proxy.stdin.end();
    expect(await exited).toEqual([0, null]);
  });
  const [url] = (await once(createInterface(proxy.stdout), 'line')) as [string];
  return url;
}
