import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { StorageError } from '../errors';

const lf = 0x0a;

/** Up to these sizes, packed and not, unpacking takes less than a millisecond. */
const smallBytesMax = 16 * 1024;
const smallTextBytesMax = 256 * 1024;

/** What no object of a kind exceeds: one line with its LF, and all lines. */
export interface LineLimits {
  readonly lineBytesMax: number;
  readonly textBytesMax: number;
}

/** Makes the error of an object of lines that is not to be believed. */
export type LinesFault = (kind: 'CUT' | 'ALTERED' | 'TOO_LARGE', why: string, cause?: unknown) => StorageError;

/**
 * Unpacks gzip and yields its lines without their LF. It stops, before it holds too much, where there are more or longer lines than
 * the limits allow.
 *
 * @throws StorageError, as `fault` makes it
 */
export async function* unpackedLines(
  packed: readonly Uint8Array[],
  { lineBytesMax, textBytesMax }: LineLimits,
  fault: LinesFault,
): AsyncGenerator<string> {
  let rest: Uint8Array = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of unpacked(packed, fault)) {
    bytes += chunk.byteLength;
    if (bytes > textBytesMax) throw fault('TOO_LARGE', `it unpacks to more than ${textBytesMax} bytes`);
    const text = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = text.indexOf(lf); end >= 0; end = text.indexOf(lf, from)) {
      if (end + 1 - from > lineBytesMax) throw tooLong();
      yield text.toString('utf8', from, end);
      from = end + 1;
    }
    rest = text.subarray(from);
    if (rest.byteLength > lineBytesMax) throw tooLong();
  }
  if (rest.byteLength > 0) throw fault('CUT', 'it ends in the middle of a line');

  function tooLong(): StorageError {
    return fault('TOO_LARGE', `it has a line of more than ${lineBytesMax} bytes`);
  }
}

async function* unpacked(packed: readonly Uint8Array[], fault: LinesFault): AsyncGenerator<Buffer> {
  try {
    const small = unpackedAtOnce(packed);
    if (small === undefined) yield* unpackedInChunks(packed);
    else yield small;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'Z_BUF_ERROR') throw fault('CUT', 'its gzip ends too early', error);
    if (code?.startsWith('Z_')) throw fault('ALTERED', 'it is not gzip, or damaged', error);
    throw error;
  }
}

/** Returns what a small object unpacks to: a stream for each of 10,000 sinks would take seconds. `undefined` if it is large. */
function unpackedAtOnce(packed: readonly Uint8Array[]): Buffer | undefined {
  const sizeBytes = packed.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (sizeBytes > smallBytesMax) return undefined;
  try {
    return gunzipSync(Buffer.concat(packed), { maxOutputLength: smallTextBytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}

async function* unpackedInChunks(packed: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const source = Readable.from(packed);
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
