import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RestoreError } from '../../errors';

/** The 32-bit words of one write: two of its key, two of its value, the column and the minute. */
const wordsPerWrite = 6;
/** Writes are divided by key, so that all writes of one value are in one part, and only one part is read at a time. */
const parts = 256;
/** The writes of one part that stay in memory before they go to the disk. All parts together take 25 MB. */
const partWritesMax = 4_096;

/** Takes the last write of one value: its column, its minute, and the two halves of its hash. */
export type LastWriteVisitor = (column: number, minute: number, hi: number, lo: number) => void;

/**
 * Collects every write of every value, in the order of the writes, and then finds the last write of each. What does not
 * fit into memory goes to a temporary folder, 24 bytes for each write, which `remove` deletes.
 */
export class LastWrites {
  readonly #scratchDir: string;
  readonly #words = Array.from({ length: parts }, () => new Uint32Array(0));
  readonly #lengths = new Uint32Array(parts);
  readonly #files: (FileHandle | undefined)[] = Array.from({ length: parts });
  /** The parts that must go to the disk before more is added. */
  readonly #full = new Set<number>();
  #folder: string | undefined;

  constructor(scratchDir: string) {
    this.#scratchDir = scratchDir;
  }

  /** Adds a write. The caller must await `spill` soon afterwards. */
  add(keyHi: number, keyLo: number, valueHi: number, valueLo: number, column: number, minute: number): void {
    const part = keyLo % parts;
    let words = this.#words[part] as Uint32Array; // `part` is less than `parts`, their number.
    let at = this.#lengths[part] as number;
    if (at + wordsPerWrite > words.length) {
      const larger = new Uint32Array(Math.max(64 * wordsPerWrite, words.length * 2));
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
    if (at >= partWritesMax * wordsPerWrite) this.#full.add(part);
  }

  /**
   * Moves full parts from memory to the disk.
   *
   * @throws RestoreError `INVALID_OPTIONS` if the folder cannot hold them
   */
  async spill(): Promise<void> {
    try {
      await this.#spill();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const problem = `The folder ${this.#scratchDir} cannot hold 24 bytes for each value of the backup: ${reason}.`;
      const todo = 'Name a folder with enough room: `scratchDir`, or `--scratch-dir` on the command line.';
      throw new RestoreError('INVALID_OPTIONS', `${problem} ${todo}`, { cause: error });
    }
  }

  /** Visits the last write of every value, each once, in no particular order. May be called only once. */
  async visitLast(visit: LastWriteVisitor): Promise<void> {
    for (let part = 0; part < parts; part += 1) visitLastWrites(await this.#load(part), visit);
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
      if (bytesRead === 0) throw new Error(`Another process cut off a temporary file in ${this.#folder}.`);
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

/** Goes from the last write back with a hash table of open addressing: the first write that it meets of a key is the last. */
function visitLastWrites(words: Uint32Array, visit: LastWriteVisitor): void {
  const writes = words.length / wordsPerWrite;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, writes * 2)));
  const table = new Int32Array(size).fill(-1);
  for (let write = writes - 1; write >= 0; write -= 1) {
    const at = write * wordsPerWrite;
    const keyHi = words[at] as number;
    const keyLo = words[at + 1] as number;
    let slot = (keyHi ^ Math.imul(keyLo, 0x9e3779b1)) & (size - 1);
    while (table[slot] !== -1) {
      const other = (table[slot] as number) * wordsPerWrite;
      if (words[other] === keyHi && words[other + 1] === keyLo) break;
      slot = (slot + 1) & (size - 1);
    }
    if (table[slot] !== -1) continue;
    table[slot] = write;
    visit(words[at + 4] as number, (words[at + 5] as number) | 0, words[at + 2] as number, words[at + 3] as number);
  }
}
