import type { Batch, FileHeader } from '@ceres/lineproto';
import type { ResolvedSelection } from '../options/selection';
import { closedBySeed } from './closed';
import type { Keeper } from './copy/keeper';
import { type FileFinding, unreadableFinding } from './finding';
import { proveFile } from './prove-file';
import { UnreadableFiles } from './unreadable-files';

/** Receives the content of a file that is read. */
export interface FileVisitor {
  /** Called before any batch; returns whether to read on. */
  header(header: FileHeader): boolean;
  /** The header names the policy of the batch, also in a file that switches between policies. */
  batch(batch: Batch, header: FileHeader): void | Promise<void>;
  /** Resolves once the memory of every batch is free. Default: it is once `batch` has ended. */
  settled?(): Promise<void>;
  /** Called in place of both for a damaged file, if its header can be read. It may be wrong. */
  damaged?(header: FileHeader): void;
}

/** The size of a batch, and so what is held of a file in memory. */
const batchBytesMax = 512 * 1024;

/**
 * Reads files for a comparison. The visitor sees only lines that were proven. A file that cannot be read becomes a finding, and
 * the others are read; a storage that answers for no file ends the comparison.
 */
export class FileReader {
  readonly #selection: ResolvedSelection;
  readonly #keeper: Keeper;
  readonly #onBytes: ((bytes: number) => void) | undefined;
  readonly #unreadable = new UnreadableFiles();

  /** @param onBytes called for the compressed bytes as they arrive */
  constructor(selection: ResolvedSelection, keeper: Keeper, onBytes?: (bytes: number) => void) {
    this.#selection = selection;
    this.#keeper = keeper;
    this.#onBytes = onBytes;
  }

  /**
   * Reads one file: all of it, unless the visitor stops at the header.
   *
   * @param file its key, and its size as it was listed
   * @returns what an operator should know about it; `undefined` if nothing
   * @throws StorageError if the storage was unavailable for the file before, too
   */
  async read(
    file: { readonly key: string; readonly sizeBytes: number },
    visitor: FileVisitor,
  ): Promise<FileFinding | undefined> {
    try {
      const finding = await this.#read(file, visitor);
      this.#unreadable.reset();
      return finding;
    } catch (error) {
      const finding = unreadableFinding(file.key, error) ?? this.#unreadable.findingOf(file.key, error);
      return closedBySeed(finding, this.#selection.seeds);
    }
  }

  async #read(
    file: { readonly key: string; readonly sizeBytes: number },
    visitor: FileVisitor,
  ): Promise<FileFinding | undefined> {
    const { storage, retentionPolicies, seeds, signal } = this.#selection;
    signal?.throwIfAborted();
    const onBytes = this.#onBytes;
    const proof = await proveFile(file, { storage, signal, seeds, ...(onBytes && { onBytes }) }, this.#keeper);
    if ('damage' in proof) {
      if (proof.header !== undefined) visitor.damaged?.(proof.header);
      return proof.damage;
    }
    const { header, notice } = proof;
    try {
      if (!visitor.header(header)) return notice;
      let ofBatch = header;
      for await (const batch of proof.batches(batchBytesMax)) {
        signal?.throwIfAborted();
        const { retentionPolicy = header.retentionPolicy } = batch;
        if (retentionPolicy !== ofBatch.retentionPolicy) ofBatch = { ...header, retentionPolicy };
        if (header.mixed !== undefined && retentionPolicies?.has(retentionPolicy) === false) continue;
        await visitor.batch(batch, ofBatch);
      }
      await visitor.settled?.();
      return notice;
    } finally {
      await proof.close();
    }
  }
}
