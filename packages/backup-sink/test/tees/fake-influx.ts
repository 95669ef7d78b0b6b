import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** The body, inflated. */
  readonly body: string;
}

type Answer = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/**
 * Starts a server that records its requests, and answers as the test says (default: 204).
 *
 * @param answerToQuestion answers an empty write, with which a handler asks about a credential; it is recorded in `asked`
 */
export async function startFakeInflux(answer: Answer = stored, answerToQuestion: Answer = stored) {
  const seen: SeenRequest[] = [];
  const asked: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
    const one: SeenRequest = {
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString(),
    };
    const isQuestion = one.method === 'POST' && pathname.endsWith('/write') && raw.length === 0;
    (isQuestion ? asked : seen).push(one);
    await (isQuestion ? answerToQuestion : answer)(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen: seen as readonly SeenRequest[],
    asked: asked as readonly SeenRequest[],
    writes: () => seen.filter(({ path }) => path.endsWith('/write')),
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FakeInflux = Awaited<ReturnType<typeof startFakeInflux>>;

export function stored(_: SeenRequest, response: ServerResponse): void {
  response.writeHead(204).end();
}

export function answerWith(status: number, body: object): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

/** Answers halfway, and leaves the connection open. */
export function cutShort(_: SeenRequest, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half');
}

/** Ends the connection in an orderly way (FIN) in the middle of an answer's body. */
export function cutOff(_: SeenRequest, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half', () => response.socket?.end());
}
