import type { SegmentDisk } from '../../spool/segment/segment-file';
import type { LogFile } from './log-file';

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Appends lines to the files of a log, in the order of the calls. Lines that come while others are written share the next fsync.
 *
 * What the disk refuses stays in memory, and is written before anything that follows, to another file: the end of the last may be torn.
 */
export class LogWriter {
  readonly #disk: SegmentDisk;
  readonly #directory: string;
  readonly #newFile: () => LogFile;
  #file: LogFile | undefined;
  #unwritten: string[] = [];
  #waiters: Waiter[] = [];
  #working: Promise<void> | undefined;

  /** @param newFile returns another file of the log, which is then read with it */
  constructor(disk: SegmentDisk, directory: string, newFile: () => LogFile) {
    this.#disk = disk;
    this.#directory = directory;
    this.#newFile = newFile;
  }

  /** The number of lines that are not durable yet. */
  get unwritten(): number {
    return this.#unwritten.length;
  }

  /** Resolves when the line is durable. @throws the file system's error; the line is kept */
  append(line: string): Promise<void> {
    this.#unwritten.push(line);
    const written = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return written;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiters.length > 0) {
      const waiters = this.#waiters;
      const lines = [...this.#unwritten];
      this.#waiters = [];
      this.#file ??= this.#newFile();
      try {
        await this.#file.append(lines);
        this.#unwritten.splice(0, lines.length);
        for (const { resolve } of waiters) resolve();
      } catch (error) {
        await this.#file.close();
        this.#file = undefined;
        await this.#disk.directories.forgetIfMissing(this.#directory);
        for (const { reject } of waiters) reject(error);
      }
    }
  }
}
