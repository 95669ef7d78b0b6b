import type { ServerResponse } from 'node:http';
import { StoreRefusal } from '../object-store/fake-store';
import { sendHalf } from '../object-store/send-half';

/** A refusal in the words of the JSON API, by which clients tell one case from another. */
export class GcsRefusal extends StoreRefusal {
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(status, message);
    this.reason = reason;
  }

  send(response: ServerResponse): void {
    const { status, reason, message } = this;
    const errors = [{ message, domain: 'global', reason }];
    sendJson(response, status, { error: { code: status, message, errors } });
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown, isCut = false): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'content-length': body.byteLength });
  if (isCut) sendHalf(response, body);
  else response.end(body);
}
