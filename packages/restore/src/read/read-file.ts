import { type Batch, decodeFile, type FileHeader } from '@ceres/lineproto';
import { parseKey, readObject } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import { damageFinding, type FileFinding, unreadableFinding, unsealedFinding } from './finding';

/** Receives the content of a file that is read. */
export interface FileVisitor {
  /** Called before any batch; returns whether to read on. */
  header(header: FileHeader): boolean;
  /** The header names the policy of the batch, also in a file that switches between policies. */
  batch(batch: Batch, header: FileHeader): void | Promise<void>;
}

/** The size of a batch, and so what is held of a file in memory. */
const batchBytesMax = 512 * 1024;

/**
 * Reads one file: all of it, unless the visitor stops at the header. The visitor sees lines that nothing has proven yet.
 *
 * @returns what an operator should know about it; `undefined` if nothing
 * @throws StorageError, except for a file that is gone
 */
export async function readFile(
  key: string,
  { storage, retentionPolicies, signal }: ResolvedSelection,
  visitor: FileVisitor,
): Promise<FileFinding | undefined> {
  let lines = 0;
  try {
    const gz = readObject(storage, key, signal ? { signal } : {});
    const place = parseKey(key);
    const limits = { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER, ...(place && { place }) };
    const decoded = decodeFile(gz, limits);
    const header = await decoded.header;
    if (!visitor.header(header)) return undefined;
    let ofBatch = header;
    for await (const batch of decoded) {
      signal?.throwIfAborted();
      const { retentionPolicy = header.retentionPolicy } = batch;
      if (retentionPolicy !== ofBatch.retentionPolicy) ofBatch = { ...header, retentionPolicy };
      lines += batch.lines;
      if (header.mixed !== undefined && retentionPolicies?.has(retentionPolicy) === false) continue;
      await visitor.batch(batch, ofBatch);
    }
    const integrity = await decoded.integrity;
    if (integrity.status === 'corrupt') return damageFinding(key, integrity, header, lines);
    return integrity.status === 'sealed' ? undefined : unsealedFinding(key);
  } catch (error) {
    const finding = unreadableFinding(key, error);
    if (finding === undefined) throw error;
    return finding;
  }
}
