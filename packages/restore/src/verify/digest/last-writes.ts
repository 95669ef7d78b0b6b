import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RestoreError } from '../../errors';

/** One field's value at one point, as 32-bit words: key, value, column, minute. */
const wordsPerEntry = 6;
/** By the key, so that all writes of one value meet in one part: a part is what is held at once. */
const parts = 256;
/** Of a part in memory, before it goes to the disk: all parts together 25 MB. */
const partEntriesMax = 4_096;

export type Survivor = (column: number, minute: number, hi: number, lo: number) => void;

/**
 * Collects every write of every value, in the order of the writes, and then tells the last write of each. What is too
 * much for the memory goes to a temporary folder, 24 bytes a value, which is removed at the end.
 */
export class LastWrites {
  readonly #scratchDir: string;
  readonly #words = Array.from({ length: parts }, () => new Uint32Array(0));
  readonly #lengths = new Uint32Array(parts);
  readonly #files: (FileHandle | undefined)[] = Array.from({ length: parts });
  /** Parts to be written before more is added. */
  readonly #full = new Set<number>();
  #folder: string | undefined;

  constructor(scratchDir: string) {
    this.#scratchDir = scratchDir;
  }

  /** `spill` must be awaited soon afterwards. */
  add(keyHi: number, keyLo: number, valueHi: number, valueLo: number, column: number, minute: number): void {
    const part = keyLo % parts;
    let words = this.#words[part] as Uint32Array; // there are `parts` of them
    let at = this.#lengths[part] as number;
    if (at + wordsPerEntry > words.length) {
      const larger = new Uint32Array(Math.max(64 * wordsPerEntry, words.length * 2));
      larger.set(words);
      words = this.#words[part] = larger;
    }
    words[at++] = keyHi;
    words[at++] = keyLo;
    words[at++] = valueHi;
    words[at++] = valueLo;
    words[at++] = column;
    words[at++] = minute;
    this.#lengths[part] = at;
    if (at >= partEntriesMax * wordsPerEntry) this.#full.add(part);
  }

  /** Writes out what has become too much. @throws RestoreError `INVALID_OPTIONS` where the folder cannot take it */
  async spill(): Promise<void> {
    try {
      await this.#spill();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const problem = `The folder ${this.#scratchDir} cannot hold 24 bytes for each value of the backup: ${reason}.`;
      const todo = 'Name one with room for them: scratchDir, which is --scratch.';
      throw new RestoreError('INVALID_OPTIONS', `${problem} ${todo}`, { cause: error });
    }
  }

  /** The last write of every value, each told once, in no order. Can be called once. */
  async survivors(tell: Survivor): Promise<void> {
    for (let part = 0; part < parts; part += 1) lastWrites(await this.#load(part), tell);
  }

  async remove(): Promise<void> {
    for (const file of this.#files) await file?.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
  }

  async #spill(): Promise<void> {
    for (const part of this.#full) {
      const words = this.#words[part] as Uint32Array;
      const bytes = Buffer.from(words.buffer, 0, (this.#lengths[part] ?? 0) * 4);
      await (await this.#file(part)).appendFile(bytes);
      this.#lengths[part] = 0;
    }
    this.#full.clear();
  }

  async #load(part: number): Promise<Uint32Array> {
    const rest = (this.#words[part] as Uint32Array).subarray(0, this.#lengths[part]);
    const file = this.#files[part];
    if (file === undefined) return rest;
    const { size } = await file.stat();
    const words = new Uint32Array(size / 4 + rest.length);
    for (let offset = 0; offset < size; ) {
      const { bytesRead } = await file.read(new Uint8Array(words.buffer), offset, size - offset, offset);
      if (bytesRead === 0) throw new Error(`a temporary file of ${this.#folder} was cut off`);
      offset += bytesRead;
    }
    words.set(rest, size / 4);
    return words;
  }

  async #file(part: number): Promise<FileHandle> {
    this.#folder ??= await mkdtemp(join(this.#scratchDir, 'ceres-verify-'));
    const file = this.#files[part] ?? (await open(join(this.#folder, String(part)), 'wx+'));
    this.#files[part] = file;
    return file;
  }
}

/** Open addressing from the last write back: whoever comes first for a key is its last write. */
function lastWrites(words: Uint32Array, tell: Survivor): void {
  const entries = words.length / wordsPerEntry;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, entries * 2)));
  const table = new Int32Array(size).fill(-1);
  for (let entry = entries - 1; entry >= 0; entry -= 1) {
    const at = entry * wordsPerEntry;
    const keyHi = words[at] as number;
    const keyLo = words[at + 1] as number;
    let slot = (keyHi ^ Math.imul(keyLo, 0x9e3779b1)) & (size - 1);
    while (table[slot] !== -1) {
      const other = (table[slot] as number) * wordsPerEntry;
      if (words[other] === keyHi && words[other + 1] === keyLo) break;
      slot = (slot + 1) & (size - 1);
    }
    if (table[slot] !== -1) continue;
    table[slot] = entry;
    tell(words[at + 4] as number, (words[at + 5] as number) | 0, words[at + 2] as number, words[at + 3] as number);
  }
}
