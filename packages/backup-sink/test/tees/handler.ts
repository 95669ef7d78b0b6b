import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createWriteHandler } from '../../src/index';
import { afterTest, openTestSink } from './backup';
import { startFakeInflux } from './fake-influx';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A write handler on `node:http`, in front of a fake InfluxDB. */
export async function startHandler(
  answer?: Parameters<typeof startFakeInflux>[0],
  sinkOptions = {},
  handlerOptions: Partial<Parameters<typeof createWriteHandler>[0]> = {},
) {
  const fake = await startFakeInflux(answer);
  afterTest(() => fake.stop());
  const test = await openTestSink(sinkOptions);
  const handler = createWriteHandler({ sink: test.sink, forward: fake.url, instance: 'influxdb-0', ...handlerOptions });
  const url = await serve(handler);
  return {
    fake,
    ...test,
    handler,
    url,
    post: (path: string, body: string | Uint8Array, headers = {}) => send(url, 'POST', path, body, headers),
  };
}

/** Serves any listener on a free port until the test ends. */
export async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One request as it stands: unlike `fetch`, no path is straightened. */
export function send(
  url: string,
  method: string,
  path: string,
  body: string | Uint8Array = '',
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Bytes on a socket, and what comes back until the server hangs up. */
export function sendRaw(
  url: string,
  bytes: string,
  { hangUpAfterMs }: { hangUpAfterMs?: number } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    if (hangUpAfterMs !== undefined) setTimeout(() => socket.destroy(), hangUpAfterMs);
  });
}
