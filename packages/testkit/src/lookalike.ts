import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server that claims to be InfluxDB and is not. */
export interface Lookalike {
  readonly url: string;
  /** The statements it was sent so far. */
  readonly statements: readonly string[];
  /** The number of writes it accepted so far, and stored nowhere. */
  readonly writes: number;
  stop(): Promise<void>;
}

/** What VictoriaMetrics 1.79.5 answers to every statement. */
export const victoriaMetricsAnswer = {
  results: [{ statement_id: 0, series: [{ name: 'databases', columns: ['name'], values: [['_internal']] }] }],
};

/**
 * Starts a server that names a version of InfluxDB, as VictoriaMetrics does behind a proxy that adds the header, and answers
 * every write with 204.
 *
 * @param answer returns the JSON it answers to a statement, with status 200
 */
export async function startLookalike(
  answer: (statement: string) => object = () => victoriaMetricsAnswer,
): Promise<Lookalike> {
  const statements: string[] = [];
  let writes = 0;
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lookalike');
    const body = await text(request);
    response.setHeader('x-influxdb-version', '1.8.0');
    if (pathname === '/write') writes += 1;
    if (pathname !== '/query') return void response.writeHead(204).end();
    const statement = searchParams.get('q') ?? new URLSearchParams(body).get('q') ?? '';
    statements.push(statement);
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(answer(statement))}\n`);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statements,
    get writes() {
      return writes;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
