import type { ServerResponse } from 'node:http';
import { StoreRefusal } from '../object-store/fake-store';
import { sendHalf } from '../object-store/send-half';

/** A refusal in the words of Azure: clients tell one case from another by its code. */
export class AzureRefusal extends StoreRefusal {
  readonly code: string;
  /** What it says about the credential. */
  readonly detail: string | undefined;

  constructor(status: number, code: string, message: string, detail?: string) {
    super(status, message);
    this.detail = detail;
    this.code = code;
  }

  send(response: ServerResponse): void {
    const { status, code, message, detail } = this;
    response.setHeader('x-ms-error-code', code);
    const text = `${escapeXml(message)}\nRequestId:00000000-0000-0000-0000-000000000000\nTime:${new Date().toISOString()}`;
    const more =
      detail === undefined ? '' : `<AuthenticationErrorDetail>${escapeXml(detail)}</AuthenticationErrorDetail>`;
    sendXml(response, status, `<Error><Code>${code}</Code><Message>${text}</Message>${more}</Error>`);
  }
}

export function sendXml(response: ServerResponse, status: number, xml: string, isCut = false): void {
  const body = Buffer.from(`<?xml version="1.0" encoding="utf-8"?>${xml}`);
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.byteLength });
  if (isCut) sendHalf(response, body);
  else response.end(body);
}

/** Escapes text as Azure does, by name. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
