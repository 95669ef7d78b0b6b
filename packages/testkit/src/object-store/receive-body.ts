import type { IncomingMessage, ServerResponse } from 'node:http';

/** Reads an upload. Returns `cut` when a fault leaves it without an answer, and throws when the client cuts it. */
export async function receiveBody(
  request: IncomingMessage,
  response: ServerResponse,
  fault: { readonly kind: string } | undefined,
): Promise<Buffer | 'cut'> {
  if (request.headers.expect === '100-continue') response.writeContinue();
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
    // The loop must release the request first. Without `resume`, nothing would notice the end of the connection.
    setImmediate(() => request.resume());
    return 'cut';
  }
  return Buffer.concat(chunks);
}

/** Returns the bytes of an upload as they arrive: with one bit flipped if that is the fault. */
export function arrived(bytes: Uint8Array, fault: { readonly kind: string } | undefined): Buffer {
  const copy = Buffer.from(bytes);
  if (fault?.kind === 'flip-bit') copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}
