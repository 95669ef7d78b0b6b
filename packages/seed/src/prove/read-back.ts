import { createHash } from 'node:crypto';
import type { PaceBesideOthers } from '@ceres/internal';
import { decodeFile } from '@ceres/lineproto';
import { type ObjectReader, parseKey, type RetryOptions, readObject } from '@ceres/storage';
import type { JournalFile } from '../journal/entries';

const limits = { batchBytesMax: 1024 * 1024, batchLinesMax: 100_000 };

/**
 * Reads a file back, and compares the digest of its lines with that of the lines as they came from the source. Returns what is wrong, or `undefined`.
 *
 * @throws StorageError once retrying has not helped
 */
export async function proveStored(
  storage: ObjectReader,
  { key, sha256 }: JournalFile,
  { pace, ...retrying }: RetryOptions & { readonly pace: Pick<PaceBesideOthers, 'pause'> },
): Promise<string | undefined> {
  const place = parseKey(key);
  const file = decodeFile(readObject(storage, key, retrying), { ...limits, ...(place && { place }) });
  const hash = createHash('sha256');
  for await (const { bytes } of file) {
    hash.update(bytes);
    await pace.pause();
  }
  const integrity = await file.integrity;
  if (integrity.status === 'corrupt') return `${key}: ${integrity.reason}`;
  return hash.digest('hex') === sha256 ? undefined : `${key} has other lines than were put into it`;
}
