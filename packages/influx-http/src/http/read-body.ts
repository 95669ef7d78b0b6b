import { InfluxHttpError } from '../errors';

/**
 * InfluxDB quotes every bad line in its answer (3.7 MB were seen). The beginning names the fault and the first lines, the end
 * says how many points were dropped; what lies between is read and not kept.
 */
const headBytesMax = 64 * 1024;
const tailBytesMax = 1024;
/** A body may repeat a write of 25 MB, every control character as six bytes. A longer one is not an answer. */
const bytesMax = 256 * 1024 * 1024;

/**
 * Returns an answer's text in bounded memory: all of it up to 64 KiB, else its beginning, ` … ` and its last KiB.
 *
 * @throws InfluxHttpError `INVALID_ANSWER` on an endless body
 */
export async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLong(bytesMax);
    const kept = chunk.subarray(0, headBytesMax - headBytes);
    if (kept.length > 0) head.push(kept);
    headBytes += kept.length;
    const rest = chunk.subarray(kept.length);
    if (rest.length > 0) tail = Buffer.concat([tail, rest.subarray(-tailBytesMax)]).subarray(-tailBytesMax);
  }
  const isCut = bytes > headBytes + tail.length;
  return `${Buffer.concat(head)}${isCut ? ' … ' : ''}${tail}`;
}

/**
 * Returns all of an answer's bytes.
 *
 * @throws InfluxHttpError `INVALID_ANSWER` if there are more than `limitBytes`
 */
export async function readWhole(body: AsyncIterable<Buffer>, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooLong(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLong(limitBytes: number): InfluxHttpError {
  return new InfluxHttpError('INVALID_ANSWER', `The answer is longer than ${limitBytes} bytes.`, { ambiguous: true });
}
