import { InfluxHttpError } from '../errors';

/** A chunk of rows is one line; `chunkRows` rows of the longest values that were seen stay far below this. */
const lineBytesMax = 256 * 1024 * 1024;
const lineFeed = 0x0a;

/**
 * Splits an answer at its line feeds, which JSON escapes inside strings.
 *
 * @throws InfluxHttpError `INVALID_ANSWER` if a line is longer than 256 MiB
 */
export async function* splitLines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString();
      parts = [];
      bytes = 0;
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > lineBytesMax) {
      throw new InfluxHttpError('INVALID_ANSWER', `A line of the answer is longer than ${lineBytesMax} bytes.`);
    }
  }
  if (bytes > 0) yield Buffer.concat(parts).toString();
}
