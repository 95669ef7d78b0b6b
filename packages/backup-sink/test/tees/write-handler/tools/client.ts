import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends one request as it is: unlike `fetch`, it does not normalize the path. */
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

/** Sends bytes, and resolves with the answer when either side hangs up; the client does so when `hangUp` resolves. */
export function sendRaw(url: string, bytes: string, hangUp?: Promise<unknown>): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined); // A reset is a way to hang up.
    socket.on('close', () => resolve(answer));
    hangUp?.then(() => socket.destroy(), reject);
  });
}

/** Sends bytes and leaves; resolves with what came back until the connection was gone. */
export function leave(
  url: string,
  bytes: string,
  sayGoodbye: (socket: Socket, bytes: string) => void,
): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    let answer = '';
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () =>
      sayGoodbye(socket, bytes),
    );
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined); // A reset is a way to hang up.
    socket.on('close', () => resolve(answer));
  });
}
