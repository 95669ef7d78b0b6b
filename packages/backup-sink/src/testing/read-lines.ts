import { decodeFile, type FilePlace, type Precision, scanLines } from '@ceres/lineproto';
import { listObjects, type ObjectReader, parseKey, readObject } from '@ceres/storage';
import { SinkError } from '../errors';

/** One record of a backup, and where it came from. */
export interface StoredLine {
  readonly instance: string;
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  /** The record as line protocol, without its LF. */
  readonly line: string;
  /** The precision of its timestamp. */
  readonly precision: Precision;
}

const limits = { batchBytesMax: 1_000_000, batchLinesMax: 5_000 };

/**
 * Reads back what a test has stored: every record of every file, in the order of a replay within each database and policy.
 * Refused records, which are under `~quarantine/`, are left out.
 *
 * A sink stores in its own time: call `flush()` or `close()` before. All lines are in memory at once, so this is for tests and
 * not for a restore.
 *
 * @example
 * ```ts
 * import { BackupSink } from '@ceres/backup-sink';
 * import { MemoryStorage, readLines } from '@ceres/backup-sink/testing';
 *
 * const storage = new MemoryStorage();
 * const sink = await BackupSink.open({ storage, spoolDir: '/tmp/spool', precision: 's' });
 * await sink.write({ instance: 'influxdb-0', database: 'db_0' }, { lines: 'm v=1 1700000000', precision: 's' });
 * await sink.flush();
 * const [stored] = await readLines(storage); // { instance: 'influxdb-0', …, line: 'm v=1 1700000000', precision: 's' }
 * ```
 *
 * @throws SinkError `INVALID_DATA` for a file that is not whole; StorageError; LineProtocolError `NOT_A_BACKUP_FILE`
 */
export async function readLines(storage: ObjectReader): Promise<StoredLine[]> {
  const all: StoredLine[] = [];
  for await (const { key } of listObjects(storage, '')) {
    const parts = parseKey(key);
    if (parts === undefined || parts.quarantine === true) continue;
    const { instance, database } = parts;
    for (const stored of await readFile(storage, key, parts)) all.push({ instance, database, ...stored });
  }
  return all;
}

async function readFile(
  storage: ObjectReader,
  key: string,
  place: FilePlace,
): Promise<Pick<StoredLine, 'retentionPolicy' | 'line' | 'precision'>[]> {
  const file = decodeFile(readObject(storage, key), { ...limits, place });
  const { precision = 'ns', retentionPolicy: ofFile } = await file.header;
  const lines: Pick<StoredLine, 'retentionPolicy' | 'line' | 'precision'>[] = [];
  for await (const { bytes, retentionPolicy = ofFile } of file) {
    // Not split at LF, which the text of a field may contain.
    for (const { start, end } of scanLines(bytes)) {
      lines.push({ retentionPolicy, line: Buffer.from(bytes.subarray(start, end)).toString(), precision });
    }
  }
  const integrity = await file.integrity;
  if (integrity.status !== 'sealed') {
    const why = integrity.status === 'corrupt' ? integrity.reason : 'it has no footer';
    throw new SinkError(
      'INVALID_DATA',
      `Expected "${key}" to be a whole backup file: ${why}. Call flush() or close() before.`,
    );
  }
  return lines;
}
