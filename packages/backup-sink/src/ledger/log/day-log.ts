import { join } from 'node:path';
import { ifExists } from '@ceres/internal';
import { heartbeatLimits } from '@ceres/storage/internal';
import type { SegmentDisk } from '../../spool/segment/segment-file';
import { LogFile } from './log-file';
import { LogWriter } from './log-writer';
import { formatMark, type Mark, parseMark } from './mark';

/** The files that one heartbeat names as stored. Its other lines have as much room. */
const chunkBytesMax = heartbeatLimits.textBytesMax / 2;

/** The entries that memory keeps for the next heartbeat; more are read from the disk. */
const recentMax = 20_000;

/** The lines that memory keeps for a disk that refuses them: some 3 MB. */
const unwrittenMax = 10_000;

/** Entries that fit into one heartbeat. */
export interface Chunk {
  /** Each with its LF. */
  readonly lines: readonly string[];
  /** The number of the first entry after it. */
  readonly end: number;
}

/**
 * The ledger of an instance for one UTC day: an entry for each stored file, in the order they were recorded, and marks that say how far
 * heartbeats have named them.
 */
export class DayLog {
  readonly day: string;
  readonly #disk: SegmentDisk;
  readonly #directory: string;
  readonly #writer: LogWriter;
  readonly #files: LogFile[] = [];
  #nextNumber = 1;
  #count = 0;
  #named = 0;
  /** The entries from `recentFrom` on, among them all that are not durable. */
  #recent: string[] = [];
  #recentFrom = 0;
  #chunks = 1;
  #chunkFiles = 0;
  #chunkBytes = 0;

  constructor(disk: SegmentDisk, directory: string, day: string) {
    this.#disk = disk;
    this.#directory = directory;
    this.day = day;
    this.#writer = new LogWriter(disk, directory, () => this.#newFile());
  }

  /** The number of entries. */
  get count(): number {
    return this.#count;
  }

  /** The number of entries, from the first on, that a heartbeat has named. */
  get named(): number {
    return this.#named;
  }

  /** The number of heartbeats that it takes to name all entries. */
  get chunks(): number {
    return this.#chunks;
  }

  /** True if memory is full of what the disk refuses. */
  get isFull(): boolean {
    return this.#writer.unwritten >= unwrittenMax;
  }

  /**
   * Reads a file of an earlier run, in the order of their numbers, and yields its marks.
   *
   * @throws the file system's error; what was read until then is kept
   */
  async *load(name: string, number: number): AsyncGenerator<Mark> {
    const file = LogFile.found(this.#disk, join(this.#directory, name));
    this.#files.push(file);
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    for await (const line of file.lines()) {
      const mark = parseMark(line);
      if (mark !== undefined) {
        yield mark;
        continue;
      }
      this.#add(line);
      this.#recentFrom = this.#count;
    }
  }

  /** Adds an entry, which counts at once; resolves when it is durable. @throws the file system's error: then memory keeps it */
  append(entry: string): Promise<void> {
    this.#add(entry);
    this.#recent.push(entry);
    const written = this.#writer.append(entry);
    if (this.#recent.length > recentMax) this.#forget(this.#count);
    return written;
  }

  /** Records that a heartbeat is stored; durable when it resolves. @throws the file system's error: then memory keeps it */
  note(mark: Mark): Promise<void> {
    return this.#writer.append(formatMark(mark));
  }

  /** A heartbeat names the entries before this one. */
  nameUpTo(end: number): void {
    this.#named = Math.min(Math.max(end, this.#named), this.#count);
    this.#forget(this.#named);
  }

  /** Resolves with the entries from `from` on, up to `end`, that fit into a heartbeat. @throws the file system's error */
  async chunk(from: number, end: number): Promise<Chunk> {
    const lines: string[] = [];
    let bytes = 0;
    for await (const line of this.#entries(from, end)) {
      bytes += line.length + 1;
      if (lines.length === heartbeatLimits.filesMax || bytes > chunkBytesMax) break;
      lines.push(`${line}\n`);
    }
    return { lines, end: from + lines.length };
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writer.idle();
  }

  /** Removes the files; what is left, the next run removes. @throws the file system's error */
  async remove(): Promise<void> {
    await this.idle();
    for (const file of this.#files) {
      await file.close();
      await ifExists(this.#disk.fs.unlink(file.path));
    }
  }

  #add({ length }: string): void {
    this.#count += 1;
    this.#chunkFiles += 1;
    this.#chunkBytes += length + 1;
    if (this.#chunkFiles <= heartbeatLimits.filesMax && this.#chunkBytes <= chunkBytesMax) return;
    this.#chunks += 1;
    this.#chunkFiles = 1;
    this.#chunkBytes = length + 1;
  }

  #forget(before: number): void {
    const durable = this.#count - this.#writer.unwritten; // or fewer, since marks are counted as well
    const forgotten = Math.min(before, durable) - this.#recentFrom;
    if (forgotten <= 0) return;
    this.#recent.splice(0, forgotten);
    this.#recentFrom += forgotten;
  }

  async *#entries(from: number, end: number): AsyncGenerator<string> {
    const recent = [...this.#recent];
    const recentFrom = this.#recentFrom;
    let at = from;
    if (from < recentFrom) {
      let read = 0;
      for (const file of [...this.#files]) {
        for await (const line of file.lines()) {
          if (at === recentFrom || at === end) break;
          if (parseMark(line) !== undefined) continue;
          if (read === at) {
            yield line;
            at += 1;
          }
          read += 1;
        }
      }
      if (at < Math.min(recentFrom, end)) throw new Error(`Entries are missing from the ledger in ${this.#directory}.`);
    }
    yield* recent.slice(at - recentFrom, Math.max(0, end - recentFrom));
  }

  #newFile(): LogFile {
    const file = LogFile.create(this.#disk, join(this.#directory, `${this.day}-${this.#nextNumber}`));
    this.#nextNumber += 1;
    this.#files.push(file);
    return file;
  }
}
