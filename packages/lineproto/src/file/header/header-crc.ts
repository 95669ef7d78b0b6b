import { crc32 } from 'node:zlib';

/**
 * Says whether a header matches its checksum. A header without one is from an older system or version: it may be right, and nothing
 * proves it until the whole file is read.
 */
export type HeaderCrc = 'valid' | 'wrong' | 'absent';

const NAME = '# CERES-HEADER-CRC: ';

/** The start of the line, as a reader looks for it. */
export const HEADER_CRC = Buffer.from(NAME);

/** Returns the lines of a header, each with its LF, and behind them the line with their checksum. A checksum that they have is replaced. */
export function withHeaderCrc(header: string): string {
  const lines = header.split('\n').filter((line) => !line.startsWith(NAME));
  const covered = lines.join('\n');
  return `${covered}${NAME}${format(crc32(covered))}\n`;
}

/** Checks the lines of a header, each with its LF, against the checksum in the last of them. */
export function checkHeaderCrc(header: Buffer): HeaderCrc {
  const at = header.lastIndexOf(HEADER_CRC);
  if (at === -1 || (at > 0 && header[at - 1] !== 0x0a)) return 'absent';
  return header.toString('latin1', at) === `${NAME}${format(crc32(header.subarray(0, at)))}\n` ? 'valid' : 'wrong';
}

function format(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
