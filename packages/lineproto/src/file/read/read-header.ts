import { constants, inflateRawSync } from 'node:zlib';
import { asBuffer } from '../../bytes';
import type { FileHeader } from '../header/file-header';
import { checkHeaderCrc } from '../header/header-crc';
import { notABackupFile } from '../header/parse-header';
import { measureMemberHeader } from './gunzip/gzip-member';
import { findHeaderEnd, readOpening } from './open-file';

/** How much is read at first, and then if the header is longer. At deflate's limit this inflates to 4 MB and 64 MB. */
const PREFIX_BYTES = [4 * 1024, 64 * 1024];

/**
 * Returns the header of a file, given its first bytes: 4 KiB are enough for all but the longest names.
 *
 * @throws LineProtocolError `NOT_A_BACKUP_FILE` if this is not gzip, or does not begin with a header that names a
 * database
 */
export function readHeader(gz: Uint8Array): FileHeader {
  return readHeaderStart(gz).header;
}

/**
 * Returns the header of a file, given its first bytes, and says whether its checksum proves it. Without that, a single flipped bit may
 * have made a header that looks right.
 *
 * @throws LineProtocolError as {@link readHeader}
 */
export function readHeaderStart(gz: Uint8Array): { readonly header: FileHeader; readonly isProven: boolean } {
  const buffer = asBuffer(gz);
  let text: Buffer = Buffer.alloc(0);
  for (const bytes of PREFIX_BYTES) {
    text = inflatePrefix(buffer.subarray(0, bytes));
    if (buffer.length <= bytes || findHeaderEnd(text).isComplete) break;
  }
  const { headerEnd, isComplete } = findHeaderEnd(text);
  const header = readOpening(text, headerEnd, isComplete);
  if (header instanceof Error) throw header;
  return { header, isProven: checkHeaderCrc(text.subarray(0, headerEnd)) === 'valid' };
}

function inflatePrefix(gz: Buffer): Buffer {
  const member = measureMemberHeader(gz);
  if (member.kind !== 'member') throw notABackupFile('it is not gzip');
  try {
    return inflateRawSync(gz.subarray(member.headerBytes), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw notABackupFile('its gzip data is damaged', error);
  }
}
