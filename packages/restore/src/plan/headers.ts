import { type FileHeader, nanosecondsPer } from '@ceres/lineproto';
import { headerDamage, readHeaderStart } from '@ceres/lineproto/internal';
import { type ObjectReader, parseKey, retry, StorageError } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';

/** The part of a compressed file that holds the header; a plan reads no more of a file. */
const headerBytes = 4096;
/** The same for a header that names many policies. */
export const mixedHeaderBytes = 64 * 1024;

/** A header as the first bytes of a file give it. */
export interface FetchedHeader {
  readonly header: FileHeader;
  /** True if its checksum proves it and it does not contradict the key. If not, a single wrong bit may have made it look right. */
  readonly isProven: boolean;
}

/**
 * Returns the header of a file; `undefined` if it has none that can be read, or the storage does not give
 * it. What reads the whole file reports it.
 *
 * @throws StorageError once retrying has not helped
 */
export async function fetchHeader(
  storage: ObjectReader,
  key: string,
  signal: AbortSignal | undefined,
  bytes = headerBytes,
): Promise<FetchedHeader | undefined> {
  const start = await retry((limited) => readStart(storage, key, bytes, limited), signal ? { signal } : {});
  try {
    if (start === undefined) return undefined;
    const { header, isProven } = readHeaderStart(start);
    return { header, isProven: isProven && headerDamage(header, 'valid', parseKey(key)) === undefined };
  } catch {
    return undefined; // not a backup file, or a damaged one: replay and check report it
  }
}

async function readStart(
  storage: ObjectReader,
  key: string,
  end: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of storage.get(key, { start: 0, end, signal })) chunks.push(chunk);
  } catch (error) {
    if (error instanceof StorageError && ['NOT_FOUND', 'DENIED'].includes(error.code)) return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}

/**
 * Returns whether the file's summary rules out that a record lies in the selected time; without a summary, nothing does.
 *
 * @param header one that is proven
 */
export function isOutside(header: FileHeader | undefined, { from, until }: ResolvedSelection): boolean {
  const summary = header?.summary;
  if (summary === undefined || header?.precision === undefined) return false;
  const unit = nanosecondsPer[header.precision];
  return (
    (from !== undefined && summary.lastTimestamp * unit < from) ||
    (until !== undefined && summary.firstTimestamp * unit >= until)
  );
}
