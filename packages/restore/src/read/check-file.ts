import { type DecodedBatch, type DecodedFile, decodeFile, type FileHeader } from '@ceres/lineproto';
import { type BlockDigests, decodeWithDigests } from '@ceres/lineproto/internal';
import { parseKey } from '@ceres/storage';
import { damageFinding, type FileFinding, unreadableFinding, unsealedFinding } from './finding';

/** What reading a file whole has shown. */
export interface FileCheck {
  /** What an operator should know about the file; absent if it is whole and certified. */
  readonly finding?: FileFinding;
  /** The header, if it can be read. It is proven unless the finding is a fault. */
  readonly header?: FileHeader;
  /** The records that could be read. */
  readonly lines: number;
}

/** What a second reading of the file needs of the first. */
export interface FirstReading {
  /** Takes the digests that the second reading is compared with. */
  readonly digests?: BlockDigests | undefined;
  /** Takes the lines: they are proven only once the file is. */
  readonly onBatch?: (batch: DecodedBatch) => void;
}

/** The size of a batch, and so what is held of a file in memory while it is checked: it stays in the processor's cache. */
const batchBytesMax = 256 * 1024;

/**
 * Reads a file whole, and checks everything that can be checked: gzip, header, footer, summary, and the header against the key. It is
 * the one function that says whether a file is what was written.
 *
 * @param gz the file's bytes
 * @throws what `gz` throws, except for a file that is gone
 */
export async function checkFile(
  key: string,
  gz: AsyncIterable<Uint8Array>,
  { digests, onBatch }: FirstReading = {},
): Promise<FileCheck> {
  const place = parseKey(key);
  const limits = { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER, ...(place && { place }) };
  const decoded = digests === undefined ? decodeFile(gz, limits) : decodeWithDigests(gz, limits, digests);
  let lines = 0;
  try {
    for await (const batch of decoded) {
      lines += batch.lines;
      onBatch?.(batch);
    }
    return await judge(key, decoded, lines);
  } catch (error) {
    const finding = unreadableFinding(key, error);
    if (finding === undefined) throw error;
    return { finding, lines };
  }
}

async function judge(key: string, decoded: DecodedFile, lines: number): Promise<FileCheck> {
  const integrity = await decoded.integrity;
  if (integrity.status !== 'corrupt') {
    const header = await decoded.header;
    return integrity.status === 'sealed' ? { header, lines } : { finding: unsealedFinding(key), header, lines };
  }
  // A damaged file may lack a header that can be read.
  const header = await decoded.header.catch(() => undefined);
  return { finding: damageFinding(key, integrity, header, lines), ...(header && { header }), lines };
}
