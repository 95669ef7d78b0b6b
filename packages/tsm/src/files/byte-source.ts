import { errnoOf, type FileHandle, type FileSystem, nodeFileSystem } from '@ceres/internal';
import { TsmError } from '../errors';

/** Bytes that can be read at any place and may be larger than the memory: a file, a buffer. */
export interface ByteSource {
  /** What messages call it, such as a path. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * Reads `length` bytes from `position` on, and never fewer. The caller must not write into them, and may keep them until the source is
   * closed: their memory may then be used again.
   *
   * @throws TsmError `INCOMPLETE`: they reach beyond the end; `UNREADABLE`: the operating system refused
   */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Returns bytes in memory as a source. `onClose` is called when they are no longer read. */
export function bytesSource(name: string, bytes: Uint8Array, onClose = () => {}): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    // An `async` function, so that a refusal rejects.
    read: async (position, length) => {
      checkRange(name, bytes.length, position, length);
      return bytes.subarray(position, position + length);
    },
    close: async () => onClose(),
  };
}

/**
 * Opens a file as a source.
 *
 * @throws TsmError `MISSING`, `UNREADABLE`
 */
export async function fileSource(path: string, fs: FileSystem = nodeFileSystem): Promise<ByteSource> {
  let handle: FileHandle;
  let sizeBytes: number;
  try {
    handle = await fs.open(path, 'r');
    sizeBytes = (await fs.lstat(path)).size;
  } catch (error) {
    throw unreadable(path, error);
  }
  const open = handle;
  return readHandle(path, sizeBytes, open, () => open.close());
}

/** Returns an open file as a source. `close` is what closes it. */
export function readHandle(
  name: string,
  sizeBytes: number,
  handle: FileHandle,
  close: () => Promise<void>,
): ByteSource {
  return { name, sizeBytes, read, close };

  async function read(position: number, length: number): Promise<Uint8Array> {
    checkRange(name, sizeBytes, position, length);
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const { bytesRead } = await handle
        .read(bytes, filled, length - filled, position + filled)
        .catch((error: unknown) => Promise.reject(unreadable(name, error)));
      if (bytesRead === 0) throw incomplete(name, position + filled, position + length);
      filled += bytesRead;
    }
    return bytes;
  }
}

const CHUNK_BYTES = 256 * 1024;

/** Yields all bytes of a source from `from` on, in pieces. */
export async function* streamOf(source: ByteSource, from = 0): AsyncGenerator<Uint8Array> {
  for (let at = from; at < source.sizeBytes; at += CHUNK_BYTES) {
    yield await source.read(at, Math.min(CHUNK_BYTES, source.sizeBytes - at));
  }
}

/** Returns the error for a file that cannot be opened or read. */
export function unreadable(path: string, cause: unknown): TsmError {
  if (errnoOf(cause) === 'ENOENT') return new TsmError('MISSING', `There is no ${path}.`, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TsmError('UNREADABLE', `Cannot read ${path}: ${reason}.`, { cause });
}

function checkRange(name: string, sizeBytes: number, position: number, length: number): void {
  if (position < 0 || length < 0 || position + length > sizeBytes) throw incomplete(name, sizeBytes, position + length);
}

function incomplete(name: string, sizeBytes: number, needed: number): TsmError {
  return new TsmError('INCOMPLETE', `${name} ends after ${sizeBytes} bytes, and ${needed} are needed: it was cut.`);
}
