import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { constants, createGunzip } from 'node:zlib';
import { inSlices, joined } from '../../../scheduling/turns';
import { ClientGone, Refusal } from '../reply';
import type { BodyLease } from './body-budget';
import { BodyChunks } from './body-chunks';
import { paceWindowMs, UploadPace } from './upload-pace';

/** What is allowed for the body of a write. */
export interface BodyLimits {
  /** The size as it is sent. */
  readonly bodyBytesMax: number;
  /** The size after decompression. */
  readonly inflatedBytesMax: number;
  /** The number of lines; blank ones and comments count too. */
  readonly linesMax: number;
  /** The size of one line. */
  readonly lineBytesMax: number;
  /** The longest pause between two chunks of an upload. */
  readonly silenceMsMax: number;
  /** The longest time for a whole upload, even if it never pauses. */
  readonly uploadMsMax: number;
  /** The least pace of an upload. */
  readonly uploadBytesPerSecondMin: number;
}

/** Node's default of 16 KiB inflates at a quarter of this speed. */
const inflateChunkBytesMax = 256 * 1024;

/**
 * Returns the whole body of a write as it was sent. Nothing is kept of a body that is too long, too slow or broken off.
 *
 * @param lease is charged for what is held; the caller releases it
 * @throws Refusal 408, 413 or 503
 * @throws ClientGone when the upload was aborted
 */
export function receiveBody(request: IncomingMessage, limits: BodyLimits, lease: BodyLease): Promise<Buffer> {
  const { bodyBytesMax, silenceMsMax, uploadMsMax, uploadBytesPerSecondMin } = limits;
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge(bodyBytesMax);
  if (request.destroyed) return Promise.reject(new ClientGone()); // It will say nothing any more.
  return new Promise((resolve, reject) => {
    const chunks = new BodyChunks();
    const refuseAsLate = (what: string) => end(() => reject(new Refusal(408, what, { closes: true })));
    const silence = setTimeout(() => refuseAsLate(`no byte of the body within ${silenceMsMax} ms`), silenceMsMax);
    const deadline = setTimeout(() => refuseAsLate(`the body took more than ${uploadMsMax} ms`), uploadMsMax);
    const pace = new UploadPace((bytes) => {
      if (bytes * 1000 >= uploadBytesPerSecondMin * paceWindowMs) return;
      refuseAsLate(`the body arrives at less than ${uploadBytesPerSecondMin} bytes/s (uploadBytesPerSecondMin)`);
    });
    lease.arrives({
      get recentBytes() {
        return pace.recentBytes;
      },
      end: (refusal) => end(() => reject(refusal)),
    });

    function onData(chunk: Buffer): void {
      silence.refresh();
      pace.add(chunk.length);
      try {
        if (chunks.sizeBytes + chunk.length > bodyBytesMax) throw tooLarge(bodyBytesMax);
        lease.take(chunk.length);
        chunks.add(chunk);
      } catch (refusal) {
        end(() => reject(refusal));
      }
    }
    const onEnd = () => end(() => resolve(chunks.concat()));
    const onGone = () => end(() => reject(new ClientGone()));

    function end(settle: () => void): void {
      clearTimeout(silence);
      clearTimeout(deadline);
      pace.stop();
      lease.arrives(undefined);
      request.off('data', onData).off('end', onEnd).off('close', onGone);
      request.pause();
      settle();
    }
    request.on('data', onData).on('end', onEnd).on('close', onGone);
    request.on('error', onGone); // Stays: an aborted request may report its error late, and there is no other listener.
  });
}

/** Words for a body that is not encoded, or for its characters, which belong into another header. */
const plainWords: ReadonlySet<string> = new Set([
  '',
  'identity',
  'none',
  'utf-8',
  'utf8',
  'us-ascii',
  '7bit',
  '8bit',
  'binary',
]);

/**
 * Returns the lines in a body. InfluxDB 1.x inflates what is called `gzip`, and takes everything else as it is, whatever
 * `Content-Encoding` says. So does this, unless the body is really encoded in something that neither decodes.
 *
 * @throws Refusal 400, 413, 415 or 503
 */
export async function decodeBody(
  body: Buffer,
  contentEncoding: string | undefined,
  limits: BodyLimits,
  lease: BodyLease,
): Promise<Buffer> {
  const lines = await decoded(body, contentEncoding, limits, lease);
  const check = checkLines(lines, limits);
  if (lines.length > stepBytes) await inSlices(check);
  else check.next(); // A single step.
  return lines;
}

async function decoded(
  body: Buffer,
  contentEncoding: string | undefined,
  { inflatedBytesMax }: BodyLimits,
  lease: BodyLease,
): Promise<Buffer> {
  const given = (contentEncoding ?? '').trim();
  const encoding = given.toLowerCase();
  // InfluxDB knows `gzip` in lower case only, and takes a body under any other spelling as it is.
  if (given === 'gzip' || (encoding === 'gzip' && !isText(body))) return inflated(body, inflatedBytesMax, lease);
  if (plainWords.has(encoding) || isText(body)) return body;
  throw new Refusal(415, `InfluxDB 1.x does not decode '${encoding.slice(0, 40)}': send the body plain or as gzip`);
}

/** Says whether a body can be line protocol: UTF-8 without the control characters that every compressed format begins with. */
function isText(body: Buffer): boolean {
  return isUtf8(body) && !control.test(body.toString('latin1', 0, textBytesMax));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
/** The start of a body in which control characters are looked for. */
const textBytesMax = 4096;

/** Inflates a body. Charges the lease chunk by chunk, so that many small bodies are limited while they inflate, not after. */
async function inflated(body: Buffer, bytesMax: number, lease: BodyLease): Promise<Buffer> {
  // A small body does not need a large chunk, which would be held without being charged.
  const chunkSize = Math.min(inflateChunkBytesMax, Math.max(constants.Z_DEFAULT_CHUNK, 4 * body.length));
  const gunzip = createGunzip({ chunkSize });
  gunzip.end(body);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > bytesMax) throw inflatesTooFar(bytesMax);
      lease.take(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const message = `the body is not the gzip that its Content-Encoding says: ${(error as Error).message}`;
    throw new Refusal(400, message, { cause: error });
  }
  return inSlices(joined(chunks));
}

/** Looking through this many bytes takes about a millisecond. */
const stepBytes = 256 * 1024;
const lineFeed = 0x0a;

/** Refuses more or longer lines than a write may have, before any of them is read. @throws Refusal 413 */
function* checkLines(body: Buffer, { linesMax, lineBytesMax }: BodyLimits): Generator<void, void, undefined> {
  let lines = 0;
  let lineStart = 0;
  for (let at = 0; at < body.length; at += stepBytes) {
    const end = Math.min(at + stepBytes, body.length);
    for (let i = at; i < end; i += 1) {
      if (body[i] !== lineFeed) continue;
      lines += 1;
      if (i - lineStart > lineBytesMax) throw tooLongLine(lineBytesMax);
      lineStart = i + 1;
    }
    if (end - lineStart > lineBytesMax) throw tooLongLine(lineBytesMax);
    if (lines > linesMax) throw tooManyLines(linesMax);
    yield;
  }
}

function tooManyLines(linesMax: number): Refusal {
  return new Refusal(413, `the body has more than ${linesMax} lines (linesMax): send smaller batches`);
}

function tooLongLine(lineBytesMax: number): Refusal {
  return new Refusal(413, `the body has a line of more than ${lineBytesMax} bytes (lineBytesMax): split it`);
}

function inflatesTooFar(bytesMax: number): Refusal {
  return new Refusal(413, `the body inflates to more than ${bytesMax} bytes (inflatedBytesMax): send smaller batches`);
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal(413, `Request Entity Too Large: the body is over ${bytesMax} bytes (bodyBytesMax)`, {
    closes: true,
  });
}
