import type { ServerResponse } from 'node:http';
import { StoreRefusal } from '../object-store/fake-store';
import { sendHalf } from '../object-store/send-half';

/** A refusal in the words of S3: clients tell one case from another by its code. */
export class S3Refusal extends StoreRefusal {
  readonly code: string;
  /** More elements of the answer, such as `Region`. */
  readonly details: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string>> = {}) {
    super(status, message);
    this.code = code;
    this.details = details;
  }

  send(response: ServerResponse): void {
    const { status, code, message, details } = this;
    const more = Object.entries(details).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
    const inside = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>${more.join('')}`;
    sendXml(response, status, `<Error>${inside}<RequestId>fake</RequestId></Error>`);
  }
}

export function sendXml(response: ServerResponse, status: number, xml: string, isCut = false): void {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.byteLength });
  if (isCut) sendHalf(response, body);
  else response.end(body);
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
