import type { IncomingMessage } from 'node:http';
import { GcsRefusal } from './answer';
import type { GcsFault } from './faults';

/** The two parts of a multipart upload. */
export interface Upload {
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
}

/** Reads an upload; `cut` when a fault keeps it from being answered. Throws when the client cuts it. */
export async function receiveUpload(request: IncomingMessage, fault: GcsFault | undefined): Promise<Upload | 'cut'> {
  const chunks: Buffer[] = [];
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    if (fault?.kind === 'reset' || fault?.kind === 'stall') break;
  }
  if (fault?.kind === 'reset') {
    request.destroy();
    return 'cut';
  }
  if (fault?.kind === 'stall') {
    setImmediate(() => request.resume()); // once the loop has let go of it: else the end of the connection goes unseen
    return 'cut';
  }
  const upload = parseMultipart(request.headers['content-type'], Buffer.concat(chunks));
  if (upload === undefined) {
    throw new GcsRefusal(501, 'notImplemented', 'The fake Google server takes whole multipart uploads only.');
  }
  return fault?.kind === 'flip-bit' ? { ...upload, bytes: flipBit(upload.bytes) } : upload;
}

function flipBit(bytes: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[0] = (flipped[0] ?? 0) ^ 1;
  return flipped;
}

/**
 * Takes a `multipart/related` body apart (RFC 2387: a JSON part, then the bytes); `undefined` if it is none, or is cut.
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

/** What follows the part's headers. */
function contentOf(part: Buffer): Buffer | undefined {
  const headersEnd = part.indexOf('\r\n\r\n');
  return headersEnd < 0 ? undefined : part.subarray(headersEnd + 4);
}
