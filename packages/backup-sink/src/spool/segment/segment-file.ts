import { join } from 'node:path';
import type { FileHandle } from '@ceres/storage';
import type { SpoolDisk } from '../disk/directories';
import { assertOnDevice } from '../disk/volume';
import { formatSpoolFileName, type SpoolPartition } from '../layout';
import { uuidMs } from '../names';
import { type FrameLines, runningCrc } from './frame';
import type { OpenFiles } from './open-files';

/** What a segment file needs of the spool. */
export interface SegmentDisk extends SpoolDisk {
  readonly files: OpenFiles;
  readonly spoolDir: string;
  /** The device that the spool's lock lies on; `undefined` if the file system does not say. */
  readonly device: number | undefined;
}

/** The first name and the header of a new segment. */
export interface NewSegment {
  readonly id: string;
  readonly openedMs: number;
  readonly header: string;
}

/** One `.lp.open` file: its header, then frames, each durable when `append` resolves. */
export class SegmentFile {
  readonly id: string;
  /** When it was opened, by the clock; `nameMs` may be later, see NameIssuer. */
  readonly openedMs: number;
  readonly nameMs: number;
  readonly #disk: SegmentDisk;
  readonly #directory: string;
  /** Written together with the first frame. */
  readonly #header: Uint8Array;
  #path: string;
  /** The CRC of all that was written. */
  #crc: number;
  /** The end of the file, or what would be its end if the last write had not failed. */
  #writtenBytes = 0;
  #committedBytes = 0;
  #created = false;
  #isSyncing = false;
  #ahead: { readonly frame: FrameLines; readonly written: Promise<void> } | undefined;

  constructor(disk: SegmentDisk, partition: SpoolPartition, { id, openedMs, header }: NewSegment) {
    this.id = id;
    this.openedMs = openedMs;
    this.nameMs = uuidMs(id);
    this.#disk = disk;
    this.#directory = partition.directory;
    this.#header = Buffer.from(header);
    this.#crc = runningCrc(this.#header);
    this.#path = this.#pathOf('lp.open');
  }

  get path(): string {
    return this.#path;
  }

  /** The size up to the end of the last committed frame; 0 before the first. */
  get committedBytes(): number {
    return this.#committedBytes;
  }

  /** The size up to the end of the last frame that was written, or is being written. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** True while a frame is fsynced and none is written behind it yet. */
  get takesOneAhead(): boolean {
    return this.#isSyncing && this.#ahead === undefined;
  }

  /**
   * Resolves when the frame and, with the first one, the file's name are on the disk. It must not be called again after it threw.
   *
   * @param onWritten called when the frame is written and only the fsync is left to wait for
   */
  async append(frame: FrameLines, onWritten: () => void): Promise<void> {
    const { directories, files } = this.#disk;
    const first = this.#committedBytes === 0;
    if (first) await directories.ensure(this.#directory);
    const write = () => files.use(this.#path, first, (handle) => this.#commit(handle, frame, onWritten));
    this.#committedBytes = first ? await directories.change(this.#directory, write) : await write();
  }

  /** Says if the frame was written ahead. */
  holdsAhead(frame: FrameLines): boolean {
    return this.#ahead?.frame === frame;
  }

  /**
   * Writes the next frame while the one before it is fsynced, so that the disk does not wait for it later; `append` makes it durable. Only
   * while `takesOneAhead`.
   */
  writeAhead(frame: FrameLines): void {
    const written = this.#disk.files.use(this.#path, false, (handle) => this.#write(handle, frame));
    written.catch(() => undefined); // `append` throws it
    this.#ahead = { frame, written };
  }

  /** Returns where the frame ends. */
  async #commit(handle: FileHandle, frame: FrameLines, onWritten: () => void): Promise<number> {
    await (this.holdsAhead(frame) ? this.#ahead?.written : this.#write(handle, frame));
    this.#ahead = undefined;
    const end = this.#writtenBytes;
    this.#isSyncing = true;
    try {
      onWritten();
      await handle.datasync();
    } finally {
      this.#isSyncing = false;
    }
    return end;
  }

  async #write(handle: FileHandle, frame: FrameLines): Promise<void> {
    const finished = frame.finish(this.#crc);
    const { parts, crc } = finished instanceof Promise ? await finished : finished;
    const first = !this.#created;
    this.#created = true;
    if (first) await assertOnDevice(handle, this.#disk.device, this.#disk.spoolDir);
    for (const part of first ? [this.#header, ...parts] : parts) {
      const start = this.#writtenBytes;
      this.#writtenBytes += part.byteLength;
      const { bytesWritten } = await handle.write(part, 0, part.byteLength, start);
      if (bytesWritten < part.byteLength) {
        throw new Error(`The disk took ${bytesWritten} of ${part.byteLength} bytes.`);
      }
    }
    this.#crc = crc;
  }

  /**
   * Names the file `.lp`; without a committed frame, removes it.
   *
   * After a failed fsync the file is cut at its last committed frame, and keeps its name: the disk may report the cut as durable and forget
   * it in a crash, and recovery knows that the last frame of an open segment may be torn.
   */
  async seal(): Promise<void> {
    const { fs, files, directories } = this.#disk;
    await this.#ahead?.written.catch(() => undefined);
    await files.close(this.#path);
    if (!this.#created) return;
    if (this.#committedBytes === 0) return await fs.unlink(this.#path);
    if (this.#writtenBytes > this.#committedBytes) return await this.#cut();
    const sealed = this.#pathOf('lp');
    await directories.move(this.#path, sealed);
    this.#path = sealed;
  }

  async #cut(): Promise<void> {
    const handle = await this.#disk.fs.open(this.#path, 'r+');
    try {
      await handle.truncate(this.#committedBytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #pathOf(kind: 'lp.open' | 'lp'): string {
    return join(this.#directory, formatSpoolFileName({ id: this.id, kind, tried: false }));
  }
}
