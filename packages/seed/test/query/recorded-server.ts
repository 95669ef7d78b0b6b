import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { encodeMessagePack } from '@ceres/testkit';

interface Recorded {
  readonly query: string;
  /** Each is a chunk of the answer, except that JSON has all of them at once. */
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

/** Serves recorded answers, as JSON or as MessagePack. A query that is not recorded is an error. */
export async function recordedServer(file: URL) {
  const { answers } = JSON.parse(readFileSync(file, 'utf8')) as { readonly answers: readonly Recorded[] };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const query = new URLSearchParams(body).get('q') ?? '';
      if (request.url?.startsWith('/query') !== true) {
        response.writeHead(404).end();
        return;
      }
      asked.push(query);
      const results = answers.find((one) => one.query === query)?.results ?? [{ error: `not recorded: ${query}` }];
      const isMessagePack = request.headers.accept === 'application/x-msgpack';
      const chunks = results.map((result) => ({ results: [result] }));
      response.writeHead(200, { 'content-type': isMessagePack ? 'application/x-msgpack' : 'application/json' });
      for (const chunk of chunks) {
        response.write(isMessagePack ? encodeMessagePack(typed(chunk)) : `${JSON.stringify(chunk)}\n`);
      }
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A text such as `5n` stands for an integer of 64 bits. */
function typed(value: unknown): unknown {
  if (typeof value === 'string') return /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
  if (Array.isArray(value)) return value.map(typed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, typed(member)]));
}
