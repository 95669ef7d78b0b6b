import { type DecodedBatch, type DecodedFile, decodeFile, type FileHeader } from '@ceres/lineproto';
import { type BlockDigests, decodeInto, decodeWithDigests, type InflateRoom } from '@ceres/lineproto/internal';
import { parseKey } from '@ceres/storage';
import {
  damageFinding,
  type FileFinding,
  isFault,
  otherFileFinding,
  unreadableFinding,
  unsealedFinding,
} from './finding';
import { HashedBytes } from './hashed-bytes';

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
  /** The memory to inflate into, without `digests`. */
  readonly room?: InflateRoom | undefined;
  /** The MD5 of the file in base64, if something says it. */
  readonly md5?: string | undefined;
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
  { digests, room, md5, onBatch }: FirstReading = {},
): Promise<FileCheck> {
  const place = parseKey(key);
  const limits = { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER, ...(place && { place }) };
  const hashed = new HashedBytes(gz, md5);
  const bytes = hashed.bytes();
  const decoded =
    digests !== undefined
      ? decodeWithDigests(bytes, limits, digests)
      : room !== undefined
        ? decodeInto(bytes, limits, room)
        : decodeFile(bytes, limits);
  let lines = 0;
  try {
    for await (const batch of decoded) {
      lines += batch.lines;
      onBatch?.(batch);
    }
    const check = await judge(key, decoded, lines);
    // A file that is damaged in itself says more.
    const isOther = hashed.isOther && (check.finding === undefined || !isFault(check.finding));
    return isOther ? { ...check, finding: otherFileFinding(key, check.header, lines) } : check;
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
