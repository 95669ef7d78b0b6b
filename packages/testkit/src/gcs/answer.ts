import type { ServerResponse } from 'node:http';

/** A refusal in the words of the JSON API, by which clients tell one case from another. */
export class GcsRefusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown, isCut = false): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'content-length': body.byteLength });
  if (isCut) sendHalf(response, body);
  else response.end(body);
}

/** Announces an answer, sends half of its body, and ends the connection in an orderly way. */
export function sendHalf(response: ServerResponse, body: Uint8Array): void {
  response.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => response.socket?.end());
}

export function sendRefusal(response: ServerResponse, { status, reason, message }: GcsRefusal): void {
  const errors = [{ message, domain: 'global', reason }];
  sendJson(response, status, { error: { code: status, message, errors } });
}
