import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeAll } from '@ceres/internal';
import type { FileHandle } from '@ceres/storage';
import { readFile } from '../../spool/disk/read-file';
import { assertOnDevice } from '../../spool/disk/volume';
import type { SegmentDisk } from '../../spool/segment/segment-file';

const checkedLine = /^([0-9a-f]{8}) (.*)$/;

/** One append-only file of a ledger: lines of ASCII, each behind its CRC-32, so that a torn one is known. */
export class LogFile {
  readonly path: string;
  readonly #disk: SegmentDisk;
  readonly #directory: string;
  /** What this run appended and made durable; `undefined` for a file of an earlier run. */
  #sizeBytes: number | undefined;

  private constructor(disk: SegmentDisk, path: string, sizeBytes: number | undefined) {
    this.#disk = disk;
    this.#directory = dirname(path);
    this.path = path;
    this.#sizeBytes = sizeBytes;
  }

  /** Returns a file that the first append makes. */
  static create(disk: SegmentDisk, path: string): LogFile {
    return new LogFile(disk, path, 0);
  }

  /** Returns a file of an earlier run, which is only read: its end may be torn. */
  static found(disk: SegmentDisk, path: string): LogFile {
    return new LogFile(disk, path, undefined);
  }

  /**
   * Appends lines, durable when it resolves. After it threw, nothing is known of the file's end: append to another one.
   */
  async append(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(lines.map((line) => `${crcOf(line)} ${line}\n`).join(''));
    const { directories, files } = this.#disk;
    const end = this.#sizeBytes ?? 0;
    const isNew = end === 0;
    if (isNew) await directories.ensure(this.#directory);
    const write = () => files.use(this.path, isNew, (handle) => this.#write(handle, bytes, end));
    await (isNew ? directories.change(this.#directory, write) : write());
    this.#sizeBytes = end + bytes.byteLength;
  }

  /** Yields the lines that are whole; of those that this run appended, the durable ones. */
  async *lines(): AsyncGenerator<string> {
    let left = this.#sizeBytes ?? Infinity;
    if (left === 0) return;
    let rest = '';
    for await (const block of readFile(this.#disk.fs, this.path)) {
      const lines = (rest + Buffer.from(block.subarray(0, left)).toString('latin1')).split('\n');
      left -= Math.min(left, block.byteLength);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, crc, text = ''] = checkedLine.exec(line) ?? [];
        if (crc === crcOf(text)) yield text;
      }
    }
  }

  /** Gives the descriptor back. */
  async close(): Promise<void> {
    await this.#disk.files.close(this.path);
  }

  async #write(handle: FileHandle, bytes: Uint8Array, end: number): Promise<void> {
    const { device, spoolDir } = this.#disk;
    if (end === 0) await assertOnDevice(handle, device, spoolDir);
    await writeAll(handle, bytes, end);
    await handle.datasync();
  }
}

function crcOf(line: string): string {
  return crc32(line).toString(16).padStart(8, '0');
}
