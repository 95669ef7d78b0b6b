import { damaged, TsmError } from '../../errors';
import { StreamBytes } from './stream-bytes';
import { EXTENSION_BYTES_MAX, parsePaxRecords, parseTarHeader, TAR_BLOCK_BYTES, type TarHeader } from './tar-header';

/** A file in a tar archive. */
export interface TarEntry {
  /** The path in the archive, with `/` between its parts. No part is `..`, and it does not begin with `/`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Yields the file. What is not read by the time the next entry is asked for is skipped. */
  content(): AsyncIterable<Uint8Array>;
}

/**
 * Reads a tar archive as a stream: files only, folders are skipped. Its end is two blocks of zeros, and nothing else shows that an
 * archive is whole: influxd reports success for one that it could not finish.
 *
 * @throws TsmError `INCOMPLETE`: the two blocks are missing; `DAMAGED`; `UNSAFE_NAME`
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new StreamBytes(stream);
  let extended: Partial<TarHeader> = {};
  try {
    for (;;) {
      const block = await input.take(TAR_BLOCK_BYTES);
      if (block.length < TAR_BLOCK_BYTES) throw cut();
      if (isZero(block)) break;
      const header = { ...parseTarHeader(block), ...extended };
      const padding = (TAR_BLOCK_BYTES - (header.sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
      if (header.type === 'x' || header.type === 'g' || header.type === 'L') {
        if (header.sizeBytes > EXTENSION_BYTES_MAX) throw damaged('An extended header in the archive is too long');
        const extension = await input.take(header.sizeBytes + padding);
        if (extension.length < header.sizeBytes + padding) throw cut();
        if (header.type !== 'g') extended = { ...extended, ...readExtension(header, extension) };
        continue;
      }
      extended = {};
      if (header.type !== '0' && header.type !== '5') {
        throw damaged(`The archive holds ${header.name}, which is neither a file nor a folder`);
      }
      const pieces = input.pieces(header.sizeBytes);
      let taken = 0;
      const content = async function* (): AsyncGenerator<Uint8Array> {
        for (;;) {
          const { done, value } = await pieces.next();
          if (done) break;
          taken += value.length;
          yield value;
        }
        if (taken < header.sizeBytes) throw cut();
      };
      if (header.type === '0') yield { name: safeName(header.name), sizeBytes: header.sizeBytes, content };
      for await (const _rest of content());
      if ((await input.take(padding)).length < padding) throw cut();
    }
    await checkEnd(input);
  } finally {
    await input.close();
  }
}

/** Returns what an extended header says of the one that follows it. */
function readExtension({ type, sizeBytes }: TarHeader, bytes: Uint8Array): Partial<TarHeader> {
  const content = bytes.subarray(0, sizeBytes);
  if (type === 'L') return { name: upToNul(content) };
  const records = parsePaxRecords(content);
  const [name, size] = [records.get('path'), records.get('size')];
  if (size !== undefined && !/^\d{1,15}$/.test(size))
    throw damaged('An extended header has a size that cannot be read');
  return { ...(name === undefined ? {} : { name }), ...(size === undefined ? {} : { sizeBytes: Number(size) }) };
}

/** Returns a name as Go reads it. */
function upToNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

/** Expects the second block of zeros, and then zeros or nothing: reading to the very end also checks the gzip around the archive. */
async function checkEnd(input: StreamBytes): Promise<void> {
  const block = await input.take(TAR_BLOCK_BYTES);
  if (block.length < TAR_BLOCK_BYTES) throw cut();
  if (!isZero(block)) throw damaged('The archive has one block of zeros where it should end with two');
  for await (const piece of input.pieces(Infinity)) {
    if (!isZero(piece)) throw damaged('Something follows the end of the archive');
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function cut(): TsmError {
  return new TsmError(
    'INCOMPLETE',
    'The archive was cut: it does not end with two blocks of zeros. Make the backup again.',
  );
}

/**
 * Returns the name of a file, if it stays within the folder that it belongs to. InfluxDB does not check this.
 *
 * @throws TsmError `UNSAFE_NAME`
 */
export function safeName(name: string): string {
  const parts = name.split('/');
  const isSafe = !/[\\\0]/.test(name) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (isSafe) return name;
  throw new TsmError(
    'UNSAFE_NAME',
    `The name ${JSON.stringify(name)} may lead out of its folder. Find out who made it.`,
  );
}
