import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An answer in place of InfluxDB's. */
export interface WriteRefusal {
  readonly status: number;
  readonly error: string;
}

/** A write that passes by. */
export interface PassingWrite {
  /** Counted from 1. */
  readonly number: number;
  readonly body: Buffer;
}

/** Passes requests on to an InfluxDB, and sees the writes among them. */
export interface WriteProxy {
  readonly url: string;
  /** The number of writes that came so far. */
  readonly writes: number;
  /** Their lines, also of those that were refused. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts a proxy before an InfluxDB.
 *
 * @param onWrite called before a write goes on, which waits for it; returns the answer to a write that does not go on
 */
export async function startWriteProxy(
  target: string,
  onWrite: (write: PassingWrite) => Promise<WriteRefusal | undefined> | WriteRefusal | undefined = () => undefined,
): Promise<WriteProxy> {
  const lines: string[] = [];
  let writes = 0;
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const { method, headers, url = '/' } = incoming;
    if (url.startsWith('/write')) {
      writes += 1;
      lines.push(...body.toString().split('\n').filter(Boolean));
      const refusal = await onWrite({ number: writes, body });
      if (refusal !== undefined) {
        response.writeHead(refusal.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: refusal.error }));
        return;
      }
    }
    const passed = request(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    passed.end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get writes() {
      return writes;
    },
    lines,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
