import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RestoreError } from '../../errors';

/** Records are divided by key, so that all records of one point are in one part, and only one part is read at a time. */
const parts = 256;
/** The words of one part that stay in memory. All parts together take 32 MB. */
const partWords = 32 * 1024;
/** A part that holds this many goes to the disk: a batch seldom needs the rest. */
const partWordsMax = 30 * 1024;
/** The words of one part that are read at a time: a larger part is read several times. */
const loadWordsMax = 4 * 1024 * 1024;
/** The words before the values of a record: two of its key, its shape, its minute, and the number of its fields. */
export const headWords = 5;

/** Takes records, in the order in which they were written. The memory is used again for the next ones. */
export type RecordsVisitor = (words: Uint32Array) => void;

/**
 * Collects records: the key of a point, and the halves of its values. What does not fit into memory goes to a temporary folder, 20 bytes
 * for each record and 8 for each value, which `remove` deletes.
 */
export class RecordParts {
  readonly #scratchDir: string;
  /** The memory of all parts, which they use again and again. */
  readonly #memory = new Uint32Array(parts * partWords);
  readonly #words = Array.from({ length: parts }, (_, part) => this.#memoryOf(part));
  readonly #lengths = new Uint32Array(parts);
  readonly #files: (FileHandle | undefined)[] = Array.from({ length: parts });
  readonly #fileWords = new Float64Array(parts);
  /** The parts that must go to the disk before more is added. */
  readonly #full = new Set<number>();
  readonly #loadWordsMax: number;
  #folder: string | undefined;
  /** The memory of the part that was loaded last. */
  #loaded = new Uint32Array(0);

  /** @param loadMax the words that are read at a time, for tests */
  constructor(scratchDir: string, loadMax = loadWordsMax) {
    this.#scratchDir = scratchDir;
    this.#loadWordsMax = loadMax;
  }

  /**
   * Adds a record. The caller must await `spill` soon afterwards.
   *
   * @param values two words for each of its fields, in the order of the machine: the halves of the value
   */
  add(
    keyHi: number,
    keyLo: number,
    shape: number,
    minute: number,
    fields: number,
    values: Int32Array | Uint32Array,
  ): void {
    const part = keyLo & (parts - 1);
    let at = this.#lengths[part] as number;
    const end = at + headWords + 2 * fields;
    let words = this.#words[part] as Uint32Array; // `part` is less than `parts`, their number.
    if (end > words.length) words = this.#grow(part, end);
    words[at++] = keyHi;
    words[at++] = keyLo;
    words[at++] = shape;
    words[at++] = minute;
    words[at++] = fields;
    for (let i = 0; at < end; i += 1, at += 1) words[at] = values[i] as number;
    this.#lengths[part] = end;
    if (end >= partWordsMax) this.#full.add(part);
  }

  /**
   * Moves full parts from memory to the disk.
   *
   * @throws RestoreError `INVALID_OPTIONS` if the folder cannot hold them
   */
  async spill(): Promise<void> {
    if (this.#full.size === 0) return;
    try {
      await this.#spill();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const problem = `The folder ${this.#scratchDir} cannot hold 20 bytes for each record of the backup and 8 for each value: ${reason}.`;
      const todo = 'Name a folder with enough room: `scratchDir`, or `--scratch-dir` on the command line.';
      throw new RestoreError('INVALID_OPTIONS', `${problem} ${todo}`, { cause: error });
    }
  }

  /** Visits all records once: those of a point together, in the order in which they were added. May be called only once. */
  async visit(visitor: RecordsVisitor): Promise<void> {
    for (let part = 0; part < parts; part += 1) {
      const words = (this.#fileWords[part] as number) + (this.#lengths[part] as number);
      const passes = Math.ceil(words / this.#loadWordsMax);
      for (let pass = 0; pass < passes; pass += 1) visitor(await this.#load(part, words, pass, passes));
    }
  }

  async remove(): Promise<void> {
    for (const file of this.#files) await file?.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
  }

  #memoryOf(part: number): Uint32Array {
    return this.#memory.subarray(part * partWords, (part + 1) * partWords);
  }

  #grow(part: number, needed: number): Uint32Array {
    const words = this.#words[part] as Uint32Array;
    const larger = new Uint32Array(Math.max(needed, words.length * 2));
    larger.set(words);
    this.#words[part] = larger;
    return larger;
  }

  async #spill(): Promise<void> {
    for (const part of this.#full) {
      const words = this.#words[part] as Uint32Array;
      const length = this.#lengths[part] as number;
      await (await this.#file(part)).appendFile(Buffer.from(words.buffer, words.byteOffset, length * 4));
      this.#fileWords[part] = (this.#fileWords[part] as number) + length;
      this.#lengths[part] = 0;
      if (words.length > partWords) this.#words[part] = this.#memoryOf(part);
    }
    this.#full.clear();
  }

  /** Returns the records of a part, or those whose keys belong to one of several passes. */
  async #load(part: number, wordsMax: number, pass: number, passes: number): Promise<Uint32Array> {
    const rest = (this.#words[part] as Uint32Array).subarray(0, this.#lengths[part]);
    const stored = this.#fileWords[part] as number;
    if (stored === 0 && passes === 1) return rest;
    if (passes === 1) {
      if (wordsMax > this.#loaded.length) this.#loaded = new Uint32Array(Math.ceil(1.25 * wordsMax));
      const all = this.#loaded.subarray(0, wordsMax);
      await this.#read(part, 0, all.subarray(0, stored));
      all.set(rest, stored);
      return all;
    }
    let chosen = new Uint32Array(this.#loadWordsMax);
    let length = 0;
    const choose = (words: Uint32Array): number => {
      let at = 0;
      while (at + headWords <= words.length) {
        const end = at + headWords + 2 * (words[at + 4] as number);
        if (end > words.length) break;
        if ((words[at] as number) % passes === pass) {
          if (length + end - at > chosen.length) {
            const larger = new Uint32Array(2 * (length + end - at));
            larger.set(chosen.subarray(0, length));
            chosen = larger;
          }
          chosen.set(words.subarray(at, end), length);
          length += end - at;
        }
        at = end;
      }
      return at;
    };
    let window = this.#loadWordsMax;
    for (let at = 0; at < stored; ) {
      const words = new Uint32Array(Math.min(window, stored - at));
      await this.#read(part, at, words);
      const used = choose(words);
      if (used === 0) window *= 2;
      at += used;
    }
    choose(rest);
    return chosen.subarray(0, length);
  }

  async #read(part: number, from: number, words: Uint32Array): Promise<void> {
    const file = this.#files[part];
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    for (let offset = 0; offset < bytes.length; ) {
      const read = await file?.read(bytes, offset, bytes.length - offset, 4 * from + offset);
      if (!read?.bytesRead) throw new Error(`Another process cut off a temporary file in ${this.#folder}.`);
      offset += read.bytesRead;
    }
  }

  async #file(part: number): Promise<FileHandle> {
    this.#folder ??= await mkdtemp(join(this.#scratchDir, 'ceres-verify-'));
    const file = this.#files[part] ?? (await open(join(this.#folder, String(part)), 'wx+'));
    this.#files[part] = file;
    return file;
  }
}
