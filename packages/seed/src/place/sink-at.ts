import { type ObjectReader, StorageError } from '@ceres/storage';
import { readOpenSince } from '@ceres/storage/internal';
import type { ResolvedSeed } from '../options';

/**
 * Returns whether a sink was open at a moment: what was written after it is in the backup only then. `undefined` if the backup cannot be read.
 *
 * @throws StorageError once retrying has not helped
 */
export async function wasSinkOpenAt(
  ms: number,
  { storage, instance, clock, signal }: Pick<ResolvedSeed, 'storage' | 'instance' | 'clock' | 'signal'>,
): Promise<boolean | undefined> {
  if (storage.list === undefined || storage.get === undefined) return undefined;
  try {
    const sinks = await readOpenSince(storage as ObjectReader, instance, { clock, signal });
    return sinks.some(({ sink }) => sink.firstMs <= ms && (!sink.isClosed || sink.lastMs >= ms));
  } catch (error) {
    if (error instanceof StorageError && (error.code === 'DENIED' || error.code === 'NOT_FOUND')) return undefined;
    throw error;
  }
}
