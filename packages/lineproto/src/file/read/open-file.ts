import { HASH, LF } from '../../bytes';
import { LineProtocolError } from '../../errors';
import type { FileHeader } from '../header/file-header';
import { checkHeaderCrc, HEADER_CRC, type HeaderCrc } from '../header/header-crc';
import { notABackupFile, parseHeader } from '../header/parse-header';
import { isPolicySwitch } from '../header/policy-switch';
import type { GzipEnd } from './gunzip/gunzip';

/** The beginning of a file. */
export interface FileOpening {
  readonly header: FileHeader | LineProtocolError;
  readonly crc: HeaderCrc;
  /** The text that was inflated beyond the header. */
  readonly rest: Buffer;
  /** Says how the file ended, if it ended before a record or a footer followed the header. */
  readonly end: GzipEnd | undefined;
}

/** The most bytes of comment lines before the first record that count as a header. */
const HEADER_BYTES_MAX = 1024 * 1024;

const CONTEXT_OR_CERES = Buffer.from('# C');
const FOOTER = Buffer.from('# CERES-END: ');
const MIXED = Buffer.from('# CERES-MIXED: ');

/** Reads the header, and as little as possible of the text behind it. */
export async function openFile(text: AsyncGenerator<Buffer, GzipEnd, undefined>): Promise<FileOpening> {
  let seen: Buffer = Buffer.alloc(0);
  let found: HeaderEnd | undefined;
  for (;;) {
    const { done, value } = await text.next();
    const end = done ? value : undefined;
    if (end?.status === 'not gzip') return without(notABackupFile('it is not gzip'), seen, end);
    if (!done) seen = seen.length === 0 ? value : Buffer.concat([seen, value]);
    found = findHeaderEnd(seen, found);
    const { headerEnd, isComplete } = found;
    if (isComplete || done) {
      const header = readOpening(seen, headerEnd, isComplete);
      return { header, crc: checkHeaderCrc(seen.subarray(0, headerEnd)), rest: seen.subarray(headerEnd), end };
    }
    if (headerEnd > HEADER_BYTES_MAX || seen.length - headerEnd > HEADER_BYTES_MAX) {
      return without(notABackupFile(`its first ${HEADER_BYTES_MAX} bytes hold no record`), seen, end);
    }
  }
}

function without(header: LineProtocolError, rest: Buffer, end: GzipEnd | undefined): FileOpening {
  return { header, crc: 'absent', rest, end };
}

/** The end of a header, as far as it was found. */
export interface HeaderEnd {
  readonly headerEnd: number;
  readonly isComplete: boolean;
  /** Says whether the file announces that it switches between policies. */
  readonly isMixed: boolean;
}

/**
 * Finds where the header ends: it is the comment and blank lines at the start, up to the first record or the footer. Its checksum is
 * its last line. In a mixed file without one, a switch to another policy ends it, too.
 *
 * @param before what was found in a shorter beginning of the same text
 */
export function findHeaderEnd(text: Buffer, before?: HeaderEnd): HeaderEnd {
  let start = before?.headerEnd ?? 0;
  let isMixed = before?.isMixed ?? false;
  for (;;) {
    while (text[start] === LF) start += 1;
    if (start < text.length && text[start] !== HASH) return { headerEnd: start, isComplete: true, isMixed };
    const lf = text.indexOf(LF, start);
    if (startsWith(text, start, CONTEXT_OR_CERES)) {
      const isEnd = startsWith(text, start, FOOTER) || (isMixed && lf !== -1 && isSwitchAt(text, start, lf));
      if (isEnd) return { headerEnd: start, isComplete: true, isMixed };
      if (lf !== -1 && startsWith(text, start, HEADER_CRC)) return { headerEnd: lf + 1, isComplete: true, isMixed };
      isMixed ||= lf !== -1 && startsWith(text, start, MIXED);
    }
    if (lf === -1) return { headerEnd: start, isComplete: false, isMixed };
    start = lf + 1;
  }
}

function startsWith(text: Buffer, from: number, bytes: Buffer): boolean {
  let i = 0;
  while (i < bytes.length && text[from + i] === bytes[i]) i += 1;
  return i === bytes.length;
}

function isSwitchAt(text: Buffer, from: number, to: number): boolean {
  return isPolicySwitch(text.toString('utf8', from, to));
}

/**
 * Returns the header, or why there is none.
 *
 * @param isComplete whether something follows the header; if not, it may have been cut off
 */
export function readOpening(text: Buffer, headerEnd: number, isComplete: boolean): FileHeader | LineProtocolError {
  const lines = text.toString('utf8', 0, headerEnd).split('\n');
  try {
    if (!isComplete && !lines.some((line) => /^# (?:CONTEXT|CERES)-RETENTION-POLICY:/.test(line))) {
      throw notABackupFile('it ends within its header');
    }
    return parseHeader(lines);
  } catch (error) {
    if (error instanceof LineProtocolError) return error;
    throw error;
  }
}
