import type { DecodedBatch, FileHeader } from '@ceres/lineproto';
import { BlockDigests, decodeProven } from '@ceres/lineproto/internal';
import { type ObjectReader, readObject } from '@ceres/storage';
import type { SeedIndex } from '@ceres/storage/internal';
import { checkFile } from './check-file';
import { closedBySeed } from './closed';
import type { FileCopy } from './copy/file-copy';
import type { Keeper } from './copy/keeper';
import type { LinesCopy } from './copy/kept-lines';
import { counted } from './counted';
import { type FileFinding, isFault } from './finding';

/** A file whose every line was proven, and which gives these lines and no others. Close it after use. */
export interface ProvenFile {
  readonly header: FileHeader;
  /** The records that the file holds. */
  readonly lines: number;
  /** What an operator should know about the file, although nothing speaks against it: that nothing certifies it. */
  readonly notice?: FileFinding;
  /**
   * Reads the lines that were proven, in batches of at most this size, or of 256 KiB if they were kept. Call it once.
   *
   * @throws LineProtocolError `CHANGED` if a file that is too large for memory differs from what was proven; none of the lines that
   *   differ has come before
   */
  batches(batchBytesMax: number): AsyncIterable<DecodedBatch>;
  /** Frees what is kept of the file. */
  close(): Promise<void>;
}

/** A file that is not used, and why. */
export interface DamagedFile {
  readonly damage: FileFinding;
  /** The header, if it can be read. It may be wrong. */
  readonly header?: FileHeader;
}

/** What reading a file has proven: that its lines can be used, or why none of them can. */
export type Proof = ProvenFile | DamagedFile;

/** Says where to read a file from. */
export interface FileReading {
  readonly storage: ObjectReader;
  readonly signal?: AbortSignal | undefined;
  /** The seeds that may name the file, with its digest. */
  readonly seeds?: SeedIndex | undefined;
  /** Called for the compressed bytes as they arrive. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Proves a file before anyone uses a line of it, in bounded memory: reads it whole, and keeps what a second reading needs.
 *
 * @param file its key, and its size as it was listed
 * @throws StorageError, except for a file that is gone
 */
export async function proveFile(
  file: { readonly key: string; readonly sizeBytes: number },
  reading: FileReading,
  keeper: Keeper,
): Promise<Proof> {
  const readAgain = () => readObject(reading.storage, file.key, reading.signal ? { signal: reading.signal } : {});
  const copy = keeper.copyOf(file.sizeBytes, readAgain);
  const kept = keeper.linesOf(file.sizeBytes);
  const md5 = reading.seeds?.find(file.key)?.file.digest;
  const proof = await proveInto({ copy, kept, md5 }, file.key, counted(readAgain(), reading.onBytes));
  if (proof !== 'too large') return judged(proof, reading);
  // It is larger than it was listed.
  const largerCopy = keeper.largeCopyOf(file.sizeBytes, readAgain);
  const into = { copy: largerCopy, kept: keeper.linesOf(Infinity), md5 };
  const larger = await proveInto(into, file.key, readAgain());
  if (larger === 'too large') throw new RangeError('a copy that is not in memory has no limit');
  return judged(larger, reading);
}

/** Says of damage whether a later seed holds what the file held. */
function judged(proof: Proof, { seeds }: FileReading): Proof {
  return 'damage' in proof ? { ...proof, damage: closedBySeed(proof.damage, seeds) } : proof;
}

/** What keeps a file while it is proven. */
interface Keeping {
  readonly copy: FileCopy;
  readonly kept: LinesCopy;
  /** The MD5 of the file, if something says it. */
  readonly md5: string | undefined;
}

async function proveInto(
  { copy, kept, md5 }: Keeping,
  key: string,
  gz: AsyncIterable<Uint8Array>,
): Promise<Proof | 'too large'> {
  const digests = copy.needsDigests ? new BlockDigests() : undefined;
  let isProven = false;
  try {
    const onBatch = (batch: DecodedBatch) => kept.add(batch);
    const { finding, header, lines } = await checkFile(key, copy.fill(gz), { digests, room: kept.room, md5, onBatch });
    if (finding !== undefined && isFault(finding)) return { damage: finding, ...(header && { header }) };
    if (header === undefined) throw new TypeError('a file without a fault has a header');
    if (!copy.isWhole) return 'too large';
    isProven = true;
    return { header, lines, ...(finding && { notice: finding }), ...(await readingOf(copy, kept, digests)) };
  } finally {
    if (!isProven) {
      kept.close();
      await copy.close();
    }
  }
}

/** Returns how the proven lines are read: from memory if they were kept, or else from what was kept of the file. */
async function readingOf(
  copy: FileCopy,
  kept: LinesCopy,
  digests: BlockDigests | undefined,
): Promise<Pick<ProvenFile, 'batches' | 'close'>> {
  if (kept.isWhole) {
    await copy.close();
    return { batches: () => kept.take(), close: async () => kept.close() };
  }
  const batches = (batchBytesMax: number) =>
    decodeProven(copy.read(), { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER }, digests);
  return { batches, close: () => copy.close() };
}
