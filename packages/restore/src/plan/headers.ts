import { type FileHeader, nanosecondsPer, readHeader } from '@ceres/lineproto';
import { type ObjectReader, retry, StorageError } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';

/** Enough of a gz for any header; a plan reads no more of a file. */
const headerBytes = 4096;

/**
 * What a file says of itself; `undefined` for one that says nothing that can be read, or is gone since it was listed (a
 * replay will name it).
 *
 * @throws StorageError once retrying has not helped
 */
export async function fetchHeader(
  storage: ObjectReader,
  key: string,
  signal: AbortSignal | undefined,
): Promise<FileHeader | undefined> {
  const start = await retry((limited) => readStart(storage, key, limited), signal ? { signal } : {});
  try {
    return start && readHeader(start);
  } catch {
    return undefined; // no backup file, or a damaged one: whoever replays or checks it reports that
  }
}

async function readStart(storage: ObjectReader, key: string, signal: AbortSignal): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of storage.get(key, { start: 0, end: headerBytes, signal })) chunks.push(chunk);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}

/** Whether no record of the file can lie in the selected time: by its summary; without one, nobody knows. */
export function isOutside(header: FileHeader | undefined, { from, to }: ResolvedSelection): boolean {
  const summary = header?.summary;
  if (summary === undefined || header?.precision === undefined) return false;
  const unit = nanosecondsPer[header.precision];
  return (
    (from !== undefined && summary.lastTimestamp * unit < from) ||
    (to !== undefined && summary.firstTimestamp * unit >= to)
  );
}
