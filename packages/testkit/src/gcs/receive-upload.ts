import type { IncomingMessage } from 'node:http';
import { GcsRefusal } from './answer';
import type { GcsFault } from './faults';
import { parseMultipart, type Upload } from './multipart';

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
