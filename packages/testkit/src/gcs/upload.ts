import type { IncomingMessage, ServerResponse } from 'node:http';
import { arrived, receiveBody } from '../object-store/receive-body';
import { GcsRefusal } from './answer';
import type { GcsFault } from './faults';

/** The two parts of a multipart upload. */
export interface Upload {
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
}

/** Reads an upload. Returns `cut` when a fault leaves it without an answer, and throws when the client cuts it. */
export async function receiveUpload(
  request: IncomingMessage,
  response: ServerResponse,
  fault: GcsFault | undefined,
): Promise<Upload | 'cut'> {
  const body = await receiveBody(request, response, fault);
  if (body === 'cut') return 'cut';
  const upload = parseMultipart(request.headers['content-type'], body);
  if (upload === undefined) {
    throw new GcsRefusal(501, 'notImplemented', 'The fake Google server accepts only complete multipart uploads.');
  }
  return { ...upload, bytes: arrived(upload.bytes, fault) };
}

/**
 * Splits a `multipart/related` body (RFC 2387: a JSON part, then the bytes). Returns `undefined` for another type, or if
 * the body is cut short.
 */
function parseMultipart(contentType: string | undefined, body: Buffer): Upload | undefined {
  const boundary = /^multipart\/related;.*boundary="?([^";]+)"?/.exec(contentType ?? '')?.[1];
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  const second = body.indexOf(delimiter, delimiter.byteLength);
  const last = body.lastIndexOf(`\r\n--${boundary}--`);
  if (second < 0 || last < second) return undefined;
  const metadata = contentOf(body.subarray(0, second));
  const bytes = contentOf(body.subarray(second, last));
  if (metadata === undefined || bytes === undefined) return undefined;
  return { metadata: JSON.parse(metadata.toString()), bytes };
}

/** Returns what follows the part's headers. */
function contentOf(part: Buffer): Buffer | undefined {
  const headersEnd = part.indexOf('\r\n\r\n');
  return headersEnd < 0 ? undefined : part.subarray(headersEnd + 4);
}
