import { type FileHeader, nanosecondsPer, readHeader } from '@ceres/lineproto';
import type { ObjectReader } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';

/** Enough of a gz for any header; a plan reads no more of a file. */
const headerBytes = 4096;

/**
 * What a file says of itself; `undefined` for one that says nothing that can be read (a replay will name it).
 *
 * @throws StorageError
 */
export async function fetchHeader(
  storage: ObjectReader,
  key: string,
  signal: AbortSignal | undefined,
): Promise<FileHeader | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of storage.get(key, { start: 0, end: headerBytes, ...(signal && { signal }) })) {
    chunks.push(chunk);
  }
  try {
    return readHeader(Buffer.concat(chunks));
  } catch {
    return undefined; // no backup file, or a damaged one: whoever replays or checks it reports that
  }
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
