import { createHash } from 'node:crypto';
import { type Partition, parseKey } from '@ceres/storage';
import { type FileFinding, isFault } from '../read/finding';

/** What became of one file. */
export interface DoneFile {
  readonly key: string;
  /** Records that the server stores. */
  readonly lines: number;
  readonly expired: number;
  readonly rejected: number;
  /** Those of `lines` that were loaded in shards with a string over 1,048,576 bytes. */
  readonly longStrings?: number;
  /** The file has no footer: an older system made it. */
  readonly unsealed?: boolean;
  /** Why the file was set aside: it is not done, and none of its records was sent. */
  readonly damage?: FileFinding;
  readonly typeConflicts?: readonly string[];
}

/** What became of all files, over all runs with a journal. */
export interface DoneTotals {
  /** Files that are done. */
  readonly files: number;
  /** Records that the server stores. */
  readonly lines: number;
  /** Records older than the server's policies keep. */
  readonly expired: number;
  /** Records in the folder for rejected records. */
  readonly rejected: number;
  /** Those of `lines` that were loaded in shards with a string over 1,048,576 bytes, which InfluxDB refuses in a line from 1.9 on; absent if there are none. */
  readonly longStrings?: number;
  /** `database.policy.measurement.field: the backup has …, the shard …` */
  readonly typeConflicts: readonly string[];
  /** Keys of files without a footer. */
  readonly unsealedFiles: readonly string[];
  /** Files that were set aside, because they are damaged or gone: none of their records was sent. */
  readonly damagedFiles: readonly FileFinding[];
  /** Files that are damaged or gone, and whose content a later seed holds: they were passed over, and nothing is missing by it. */
  readonly closedFiles: readonly FileFinding[];
}

const countsPerFile = 3;

/** The files of one database that are done or were set aside, in replay order. Each takes about 60 bytes, however long its name. */
export class DoneList {
  #hashes: bigint[] = [];
  /** The lines, expired and rejected records of one file after the other. */
  #counts: number[] = [];
  /** The few files with more to report than counts. */
  #notes: { readonly at: number; readonly file: DoneFile }[] = [];

  /** The partitions by name, each with the position of its first file that the server stores anything of. */
  readonly #partitions = new Map<string, { readonly at: number; readonly partition: Partition }>();

  get length(): number {
    return this.#hashes.length;
  }

  add(file: DoneFile): void {
    const { unsealed, damage, typeConflicts = [], longStrings = 0 } = file;
    const isPlain = !unsealed && damage === undefined && typeConflicts.length === 0 && longStrings === 0;
    if (!isPlain) this.#notes.push({ at: this.length, file });
    if (file.lines > 0) this.#notePartition(file.key);
    this.#hashes.push(hashOf(file.key));
    this.#counts.push(file.lines, file.expired, file.rejected);
  }

  /** Forgets all but the first `length` files. */
  truncate(length: number): void {
    this.#hashes.length = length;
    this.#counts.length = length * countsPerFile;
    this.#notes = this.#notes.filter(({ at }) => at < length);
    for (const [name, { at }] of this.#partitions) if (at >= length) this.#partitions.delete(name);
  }

  /** Returns the position of a file at or after `from`; -1 if it is neither done nor set aside. */
  find(key: string, from: number): number {
    return this.#hashes.indexOf(hashOf(key), from);
  }

  /** Returns how many records of the file at that position the server stores. */
  linesAt(position: number): number {
    return this.#counts[position * countsPerFile] ?? 0;
  }

  /** Says whether the file at that position was set aside, and no seed has made up for it. */
  isSetAside(position: number): boolean {
    return this.#notes.some(({ at, file }) => at === position && file.damage !== undefined && isFault(file.damage));
  }

  /** The files with more to report than counts. */
  get notes(): readonly DoneFile[] {
    return this.#notes.map(({ file }) => file);
  }

  /** Returns the sum of the lines (0), of the expired (1) or of the rejected records (2). */
  sum(column: 0 | 1 | 2): number {
    let sum = 0;
    for (let i = column; i < this.#counts.length; i += countsPerFile) sum += this.#counts[i] ?? 0;
    return sum;
  }

  /** Returns the partitions that the server stores any record of. */
  partitions(): readonly Partition[] {
    return [...this.#partitions.values()].map(({ partition }) => partition);
  }

  #notePartition(key: string): void {
    // The part of the key before the day, which all files of a partition share.
    const name = key.slice(0, key.lastIndexOf('/', key.lastIndexOf('/') - 1));
    if (this.#partitions.has(name)) return;
    const parts = parseKey(key);
    // The records of a mixed file may all be of another policy than the default one.
    if (parts !== undefined && !parts.mixed) this.#partitions.set(name, { at: this.length, partition: parts });
  }
}

/** The files that are done or were set aside, by the database that they go into: each is an order unit of its own. */
export class DoneFiles {
  readonly #lists = new Map<string, DoneList>();

  /** Returns the list of a database on the server. */
  of(database: string): DoneList {
    const list = this.#lists.get(database) ?? new DoneList();
    this.#lists.set(database, list);
    return list;
  }

  get length(): number {
    return this.#all().reduce((sum, { length }) => sum + length, 0);
  }

  clear(): void {
    this.#lists.clear();
  }

  totals(): DoneTotals {
    const lists = this.#all();
    const files = lists.flatMap(({ notes }) => notes);
    const setAside = files.flatMap(({ damage }) => damage ?? []);
    const longStrings = files.reduce((total, file) => total + (file.longStrings ?? 0), 0);
    const sum = (column: 0 | 1 | 2) => lists.reduce((total, list) => total + list.sum(column), 0);
    return {
      files: this.length - setAside.length,
      lines: sum(0),
      expired: sum(1),
      rejected: sum(2),
      ...(longStrings > 0 && { longStrings }),
      typeConflicts: [...new Set(files.flatMap(({ typeConflicts = [] }) => typeConflicts))].sort(),
      unsealedFiles: files.filter(({ unsealed }) => unsealed).map(({ key }) => key),
      damagedFiles: setAside.filter(isFault),
      closedFiles: setAside.filter((finding) => !isFault(finding)),
    };
  }

  /** Returns the partitions that the server stores any record of. */
  partitions(): readonly Partition[] {
    return this.#all().flatMap((list) => list.partitions());
  }

  #all(): readonly DoneList[] {
    return [...this.#lists.values()];
  }
}

function hashOf(key: string): bigint {
  return createHash('sha256').update(key).digest().readBigUInt64LE();
}
