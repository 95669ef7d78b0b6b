import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type HeartbeatStatement, heartbeatLimits, type PendingFile } from './contents';
import { formatEnd, formatPendingFile, formatStatement } from './format-lines';

const gzipped = promisify(gzip);

/** The files of a heartbeat. */
export interface HeartbeatFiles {
  /** Lines as `formatNamedFile` returns them; each piece of text may hold several. */
  readonly stored: Iterable<string>;
  /** The number of lines in `stored`. */
  readonly storedCount: number;
  readonly pending: Iterable<PendingFile>;
}

/**
 * Returns a heartbeat as it is put into the storage: gzip of lines of JSON. It is made in memory, which `heartbeatLimits` bounds; the caller
 * keeps to them.
 */
export async function encodeHeartbeat(
  statement: HeartbeatStatement,
  { stored, storedCount, pending }: HeartbeatFiles,
): Promise<Buffer> {
  const pieces = [formatStatement(statement), ...stored];
  let pendingCount = 0;
  for (const file of pending) {
    pieces.push(formatPendingFile(file));
    pendingCount += 1;
  }
  assert(storedCount <= heartbeatLimits.filesMax && pendingCount <= heartbeatLimits.pendingMax);
  const lines = Buffer.from(pieces.join(''));
  const sha256 = createHash('sha256').update(lines).digest('hex');
  const text = Buffer.concat([lines, Buffer.from(formatEnd({ stored: storedCount, pending: pendingCount, sha256 }))]);
  assert(text.byteLength <= heartbeatLimits.textBytesMax, `A heartbeat has ${text.byteLength} bytes.`);
  return await gzipped(text, { level: 6 });
}
