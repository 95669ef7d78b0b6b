import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { damaged, TsmError } from '../../errors';

/**
 * Decompresses gzip of one or more members, and checks the checksum of each.
 *
 * @throws TsmError `INCOMPLETE`: it was cut; `DAMAGED`
 */
export async function* gunzip(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = Readable.from(stream, { objectMode: false });
  const output = createGunzip();
  input.once('error', (error) => output.destroy(error));
  try {
    for await (const chunk of input.pipe(output)) yield chunk as Uint8Array;
  } catch (error) {
    if (error instanceof TsmError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') {
      throw new TsmError('INCOMPLETE', 'It ends in the middle of its gzip.', { cause: error });
    }
    throw damaged(`Its gzip cannot be read (${(error as Error).message})`, error);
  } finally {
    input.destroy();
  }
}
