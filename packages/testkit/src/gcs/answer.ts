import type { ServerResponse } from 'node:http';
import { sendHalf } from '../object-store/send-half';

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

export function sendRefusal(response: ServerResponse, { status, reason, message }: GcsRefusal): void {
  const errors = [{ message, domain: 'global', reason }];
  sendJson(response, status, { error: { code: status, message, errors } });
}
