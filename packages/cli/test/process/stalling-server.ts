import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server in front of InfluxDB that does not answer one request, at least not at once. */
export interface StallingServer {
  readonly url: string;
  /** Resolves once the request is there that gets no answer. */
  readonly stalled: Promise<unknown>;
  /** Passes that request on after all. */
  goOn(): void;
  close(): Promise<void>;
}

/** Passes on every request to `target`, but for the first one whose path and body match. */
export async function stallingServer(target: string, matches: RegExp): Promise<StallingServer> {
  let announce: (value: unknown) => void = () => undefined;
  let goOn: () => void = () => undefined;
  let isStalled = false;
  const stalled = new Promise((resolve) => {
    announce = resolve;
  });
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    if (!isStalled && matches.test(decodeURIComponent(`${incoming.url} ${body}`.replaceAll('+', ' ')))) {
      isStalled = true;
      announce(undefined);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    }
    const { method, headers, url: path } = incoming;
    const passed = request(new URL(path ?? '/', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    passed.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url, stalled, goOn: () => goOn(), close };
}
