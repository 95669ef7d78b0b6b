import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IndexCursor } from '../../files/index/index-cursor';
import type { TsmReader } from '../../files/tsm-reader';
import type { ReadRange } from '../contract';
import type { WalContent } from '../wal/wal-content';
import type { KeyMerge } from './key-merge';
import { LeastFirst } from './least-first';

/** Keys that are taken from memory between two turns of the event loop. */
const KEYS_PER_TURN = 1_000;

/** A file, and the key at which its cursor stands. */
interface FileCursor {
  readonly reader: TsmReader;
  readonly cursor: IndexCursor;
  readonly rank: number;
}

/** Walks through the keys of several files and a WAL, each key once, in the order of their bytes. */
export class KeyWalk {
  readonly #wal: WalContent;
  /** The files whose cursors stand behind the current key. */
  readonly #waiting = new LeastFirst<FileCursor>(isBefore);
  /** The files whose cursors stand at the current key, in the order in which later ones win; at first, all of them. */
  #here: FileCursor[];
  #isInWal = false;
  #walIndex = 0;
  #walked = 0;
  #key: Uint8Array | undefined;

  /** @param readers in the order in which later ones win */
  constructor(readers: readonly TsmReader[], wal: WalContent) {
    this.#wal = wal;
    this.#here = readers.map((reader, rank) => ({ reader, cursor: reader.cursor(), rank }));
  }

  /** Moves to the next key, and returns it; `undefined` at the end. Returns a promise only if something must be read first. */
  next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#isInWal) this.#walIndex += 1;
    this.#walked += 1;
    const moving = this.#moveCursors(0);
    if (moving === undefined && this.#walked % KEYS_PER_TURN !== 0) return this.#takeLeast();
    return Promise.resolve(moving ?? nextTurn()).then(() => this.#takeLeast());
  }

  /** Moves the cursors that stand at the current key, from one on. Returns a promise only if something must be read first. */
  #moveCursors(from: number): Promise<void> | undefined {
    for (let i = from; i < this.#here.length; i += 1) {
      const file = this.#here[i] as FileCursor;
      const hasNext = file.cursor.next();
      if (hasNext instanceof Promise) {
        return hasNext.then((has) => {
          if (has) this.#waiting.add(file);
          return this.#moveCursors(i + 1);
        });
      }
      if (hasNext) this.#waiting.add(file);
    }
    return undefined;
  }

  /**
   * How many bytes the current key and the one before it begin with in common, at least. What a key of a file shares with the one before it in
   * that file, it shares with every key between them, since keys ascend.
   */
  get shared(): number {
    return this.#here[0]?.cursor.shared ?? 0;
  }

  /** Gives what all files and the WAL have of the current key to a merge. */
  collect(merge: KeyMerge, range: ReadRange): void {
    const key = this.#key as Uint8Array; // It is called after a key was returned.
    merge.begin(key, range);
    for (const { reader, cursor } of this.#here) merge.addBlocks(reader, cursor.type, cursor.blocks);
    if (this.#isInWal) merge.addColumn(this.#wal.column(key), 'the WAL');
  }

  #takeLeast(): Uint8Array | undefined {
    const inWal = this.#wal.keys[this.#walIndex];
    const inFiles = this.#waiting.first?.cursor.key;
    const order = inWal === undefined ? 1 : inFiles === undefined ? -1 : Buffer.compare(inWal, inFiles);
    this.#isInWal = inWal !== undefined && order <= 0;
    this.#key = this.#isInWal ? inWal : inFiles;
    this.#here = [];
    if (inFiles === undefined || order < 0) return this.#key;
    for (
      let next = this.#waiting.first;
      next !== undefined && isSame(next.cursor.key, inFiles);
      next = this.#waiting.first
    ) {
      this.#here.push(next);
      this.#waiting.moveFirst(false);
    }
    return this.#key;
  }
}

function isBefore(a: FileCursor, b: FileCursor): boolean {
  const order = Buffer.compare(a.cursor.key, b.cursor.key);
  return order < 0 || (order === 0 && a.rank < b.rank);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}
