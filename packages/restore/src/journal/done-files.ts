import { createHash } from 'node:crypto';
import { type Partition, parseKey } from '@ceres/storage';

/** What became of one file. */
export interface DoneFile {
  readonly key: string;
  /** Records that the target stores. */
  readonly lines: number;
  readonly expired: number;
  readonly rejected: number;
  /** It has no footer: an older system's, or cut off. */
  readonly unsealed?: boolean;
  /** Why it was restored only in part, or not at all. */
  readonly corrupt?: string;
  readonly typeConflicts?: readonly string[];
}

/** What became of all of them. */
export interface Totals {
  readonly files: number;
  readonly lines: number;
  readonly expired: number;
  readonly rejected: number;
  readonly typeConflicts: readonly string[];
  readonly unsealedFiles: readonly string[];
  readonly corruptFiles: readonly string[];
  readonly corruptReasons: Readonly<Record<string, string>>;
}

const countsPerFile = 3;

/** The files that are done, in replay order; about 60 bytes each, however long their names. */
export class DoneFiles {
  #hashes: bigint[] = [];
  /** lines, expired, rejected; of one file after the other. */
  #counts: number[] = [];
  /** The few of which there is more to say. */
  #notes: { readonly at: number; readonly file: DoneFile }[] = [];

  /** By name, with the place of the first file of which the target stores anything. */
  readonly #partitions = new Map<string, { readonly at: number; readonly partition: Partition }>();

  get length(): number {
    return this.#hashes.length;
  }

  add(file: DoneFile): void {
    const { unsealed, corrupt, typeConflicts = [] } = file;
    if (unsealed || corrupt !== undefined || typeConflicts.length > 0) this.#notes.push({ at: this.length, file });
    if (file.lines > 0) this.#notePartition(file.key);
    this.#hashes.push(hashOf(file.key));
    this.#counts.push(file.lines, file.expired, file.rejected);
  }

  /** Forgets all but the first `length`. */
  truncate(length: number): void {
    this.#hashes.length = length;
    this.#counts.length = length * countsPerFile;
    this.#notes = this.#notes.filter(({ at }) => at < length);
    for (const [name, { at }] of this.#partitions) if (at >= length) this.#partitions.delete(name);
  }

  /** @returns its place at or after `from`; -1 if it is not done */
  find(key: string, from: number): number {
    return this.#hashes.indexOf(hashOf(key), from);
  }

  /** Records that the target stores of the file in that place. */
  linesAt(position: number): number {
    return this.#counts[position * countsPerFile] ?? 0;
  }

  totals(): Totals {
    const files = this.#notes.map(({ file }) => file);
    return {
      files: this.length,
      lines: this.#sum(0),
      expired: this.#sum(1),
      rejected: this.#sum(2),
      typeConflicts: [...new Set(files.flatMap(({ typeConflicts = [] }) => typeConflicts))].sort(),
      unsealedFiles: files.filter(({ unsealed }) => unsealed).map(({ key }) => key),
      corruptFiles: files.filter(({ corrupt }) => corrupt !== undefined).map(({ key }) => key),
      corruptReasons: Object.fromEntries(
        files.flatMap(({ key, corrupt }) => (corrupt === undefined ? [] : [[key, corrupt]])),
      ),
    };
  }

  /** Those of which the target stores anything. */
  partitions(): readonly Partition[] {
    return [...this.#partitions.values()].map(({ partition }) => partition);
  }

  #notePartition(key: string): void {
    // What stands before the day: all files of a partition share it.
    const name = key.slice(0, key.lastIndexOf('/', key.lastIndexOf('/') - 1));
    if (this.#partitions.has(name)) return;
    const parts = parseKey(key);
    if (parts !== undefined) this.#partitions.set(name, { at: this.length, partition: parts });
  }

  #sum(column: number): number {
    let sum = 0;
    for (let i = column; i < this.#counts.length; i += countsPerFile) sum += this.#counts[i] ?? 0;
    return sum;
  }
}

function hashOf(key: string): bigint {
  return createHash('sha256').update(key).digest().readBigUInt64LE();
}
