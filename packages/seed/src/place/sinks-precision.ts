import { LineProtocolError, type Precision, readHeader } from '@ceres/lineproto';
import {
  formatPrefix,
  listObjects,
  type ObjectReader,
  parseKey,
  type RetryOptions,
  StorageError,
} from '@ceres/storage';
import { isSeedName, mayBeSeedId } from '@ceres/storage/internal';
import type { ResolvedSeed } from '../options';
import type { SeedPlan } from '../plan';
import { partitionsIn } from './partitions';

/** A header is in the first bytes of a file. */
const headBytes = 4096;
/** The files that are passed over while one of a sink is looked for whose header can be read. */
const keysMax = 10_000;

/**
 * Returns the precision of the files that sinks have stored of these databases; `undefined` if there are none, or they cannot be read. A loop over the files with InfluxDB's
 * own tool names one precision for all.
 *
 * @throws StorageError once retrying has not helped
 */
export async function sinksPrecision(
  plan: SeedPlan,
  { storage, instance, clock, signal }: ResolvedSeed,
): Promise<Precision | undefined> {
  if (storage.list === undefined || storage.get === undefined) return undefined;
  const reader = storage as ObjectReader;
  const databases = new Set(partitionsIn(plan).map(({ database }) => database));
  try {
    for (const database of databases) {
      for await (const key of filesOfSinks(reader, formatPrefix({ instance, database }), { clock, signal })) {
        const precision = await precisionOf(reader, key, signal);
        if (precision !== undefined) return precision;
      }
    }
  } catch (error) {
    if (!(error instanceof StorageError && (error.code === 'DENIED' || error.code === 'NOT_FOUND'))) throw error;
  }
  return undefined;
}

/** Returns what the header of a file says; `undefined` if it cannot be read: another file is as good. */
async function precisionOf(reader: ObjectReader, key: string, signal?: AbortSignal): Promise<Precision | undefined> {
  const head: Uint8Array[] = [];
  for await (const chunk of reader.get(key, { end: headBytes, ...(signal && { signal }) })) head.push(chunk);
  try {
    return readHeader(Buffer.concat(head)).precision;
  } catch (error) {
    if (error instanceof LineProtocolError && error.code === 'NOT_A_BACKUP_FILE') return undefined;
    throw error;
  }
}

async function* filesOfSinks(reader: ObjectReader, prefix: string, retrying: RetryOptions): AsyncGenerator<string> {
  let keys = 0;
  for await (const { key } of listObjects(reader, prefix, retrying)) {
    const parts = parseKey(key);
    if (parts !== undefined && !isSeedName(key) && !mayBeSeedId(parts.id)) yield key;
    keys += 1;
    if (keys > keysMax) return;
  }
}
