import type { FileCopy } from './file-copy';
import { KeptLines, type LinesCopy, LinesRoom } from './kept-lines';
import { MemoryCopy } from './memory-copy';
import { ScratchCopy } from './scratch-copy';
import { SharedLines, SharedLinesCopy } from './shared-lines';

/** The most compressed bytes of one file that are kept in memory. */
export const memoryBytesMax = 32 * 1024 * 1024;
/** The most bytes of lines of all files that are kept in memory. */
const linesBytesMax = 48 * 1024 * 1024;
/** The blocks of 8 MiB that all threads see: enough for three files of 15 MB of lines. */
const sharedBlocks = 10;
/** Telemetry inflates to five to ten times its size. */
const inflationMin = 5;
/** The most that all scratch files may take. */
const scratchBytesMax = 1024 * 1024 * 1024;

/** Keeps files between the reading that proves them and the one that uses their lines, within bounds. */
export class Keeper {
  readonly #scratchDir: string;
  readonly #memoryBytesMax: number;
  readonly #linesRoom: LinesRoom;
  #scratchBytes = 0;
  #shared: SharedLines | undefined;

  /**
   * @param scratchDir the folder for files that are too large for memory
   * @param memoryMax the most compressed bytes of one file in memory, as tests lower it
   * @param linesMax the most bytes of lines in memory, as tests lower it
   */
  constructor(scratchDir: string, memoryMax: number = memoryBytesMax, linesMax: number = linesBytesMax) {
    this.#scratchDir = scratchDir;
    this.#memoryBytesMax = memoryMax;
    this.#linesRoom = new LinesRoom(linesMax);
  }

  /** Keeps lines where all threads see them from now on. A batch is good until its file is closed. */
  share(): SharedLines {
    this.#shared ??= new SharedLines(sharedBlocks);
    return this.#shared;
  }

  /** Returns what keeps the lines of a file of this compressed size, if there is room for them. */
  linesOf(sizeBytes: number): LinesCopy {
    if (this.#shared !== undefined) return new SharedLinesCopy(this.#shared, inflationMin * sizeBytes);
    return new KeptLines(this.#linesRoom, inflationMin * sizeBytes);
  }

  /**
   * Returns where the bytes of a file are kept.
   *
   * @param readAgain reads the file from its storage
   */
  copyOf(sizeBytes: number, readAgain: () => AsyncIterable<Uint8Array>): FileCopy {
    if (sizeBytes <= this.#memoryBytesMax) return new MemoryCopy(this.#memoryBytesMax);
    return this.largeCopyOf(sizeBytes, readAgain);
  }

  /** Returns where the bytes of a file are kept that is too large for memory. */
  largeCopyOf(sizeBytes: number, readAgain: () => AsyncIterable<Uint8Array>): FileCopy {
    const hasRoom = this.#scratchBytes + sizeBytes <= scratchBytesMax;
    const takenBytes = hasRoom ? sizeBytes : 0;
    this.#scratchBytes += takenBytes;
    const onClose = () => {
      this.#scratchBytes -= takenBytes;
    };
    return new ScratchCopy({ folder: hasRoom ? this.#scratchDir : undefined, readAgain, onClose });
  }
}
