import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeAll } from '@ceres/internal';
import type { FileHandle } from '@ceres/storage';
import type { SpoolDisk } from '../spool/disk/directories';
import { readFile } from '../spool/disk/read-file';
import { assertOnDevice } from '../spool/disk/volume';

/** What a ledger's files need of the spool. */
export interface LedgerDisk extends SpoolDisk {
  readonly spoolDir: string;
  /** The device that the spool's lock lies on; `undefined` if the file system does not say. */
  readonly device: number | undefined;
}

const checkedLine = /^([0-9a-f]{8}) (.*)$/;

/** One append-only file of a ledger: lines of ASCII, each behind its CRC-32, so that a torn one is known. */
export class LogFile {
  readonly path: string;
  readonly #disk: LedgerDisk;
  readonly #directory: string;
  /** What this run appended and made durable; `undefined` for a file of an earlier run. */
  #sizeBytes: number | undefined;

  private constructor(disk: LedgerDisk, path: string, sizeBytes: number | undefined) {
    this.#disk = disk;
    this.#directory = dirname(path);
    this.path = path;
    this.#sizeBytes = sizeBytes;
  }

  /** Returns a file that the first append makes. */
  static create(disk: LedgerDisk, path: string): LogFile {
    return new LogFile(disk, path, 0);
  }

  /** Returns a file of an earlier run, which is only read: its end may be torn. */
  static found(disk: LedgerDisk, path: string): LogFile {
    return new LogFile(disk, path, undefined);
  }

  /**
   * Appends lines, durable when it resolves. After it threw, nothing is known of the file's end: append to another one.
   */
  async append(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(lines.map((line) => `${crcOf(line)} ${line}\n`).join(''));
    const { fs, directories, device, spoolDir } = this.#disk;
    const end = this.#sizeBytes ?? 0;
    if (end === 0) {
      await directories.ensure(this.#directory);
      await directories.change(this.#directory, async () => {
        const handle = await fs.open(this.path, 'wx');
        await this.#write(handle, bytes, 0, () => assertOnDevice(handle, device, spoolDir));
      });
    } else {
      await this.#write(await fs.open(this.path, 'r+'), bytes, end);
    }
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

  async #write(handle: FileHandle, bytes: Uint8Array, end: number, assertInPlace = async () => {}): Promise<void> {
    try {
      await assertInPlace();
      await writeAll(handle, bytes, end);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }
}

function crcOf(line: string): string {
  return crc32(line).toString(16).padStart(8, '0');
}
