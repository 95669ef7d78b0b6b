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
  #crc: number;
  #committedBytes = 0;
  #created = false;
  /** True if there may be bytes behind the last committed frame. */
  #torn = false;

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

  /** Resolves when the frame and, with the first one, the file's name are on the disk. It must not be called again after it threw. */
  async append(frame: FrameLines): Promise<void> {
    const first = this.#committedBytes === 0;
    const finished = frame.finish(this.#crc);
    const { parts, crc } = finished instanceof Promise ? await finished : finished;
    const { directories, files } = this.#disk;
    if (first) await directories.ensure(this.#directory);
    this.#torn = true;
    const write = () => files.use(this.#path, first, (handle) => this.#write(handle, first, parts));
    this.#committedBytes = first ? await directories.change(this.#directory, write) : await write();
    this.#torn = false;
    this.#crc = crc;
  }

  /** Returns where the file ends now. */
  async #write(handle: FileHandle, first: boolean, parts: readonly Uint8Array[]): Promise<number> {
    this.#created = true;
    if (first) await assertOnDevice(handle, this.#disk.device, this.#disk.spoolDir);
    let end = this.#committedBytes;
    for (const part of first ? [this.#header, ...parts] : parts) {
      const { bytesWritten } = await handle.write(part, 0, part.byteLength, end);
      if (bytesWritten < part.byteLength) {
        throw new Error(`The disk took ${bytesWritten} of ${part.byteLength} bytes.`);
      }
      end += part.byteLength;
    }
    await handle.datasync();
    return end;
  }

  /**
   * Names the file `.lp`; without a committed frame, removes it.
   *
   * After a failed fsync the file is cut at its last committed frame, and keeps its name: the disk may report the cut as durable and forget
   * it in a crash, and recovery knows that the last frame of an open segment may be torn.
   */
  async seal(): Promise<void> {
    const { fs, files, directories } = this.#disk;
    await files.close(this.#path);
    if (!this.#created) return;
    if (this.#committedBytes === 0) return await fs.unlink(this.#path);
    if (this.#torn) return await this.#cut();
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
