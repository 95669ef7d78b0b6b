import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IndexCursor } from '../../files/index/index-cursor';
import type { TsmReader } from '../../files/tsm-reader';
import type { ReadRange } from '../contract';
import type { WalContent } from '../wal/wal-content';
import type { KeyMerge } from './key-merge';

/** Keys that are taken from memory between two turns of the event loop. */
const KEYS_PER_TURN = 1_000;

/** Walks through the keys of several files and a WAL, each key once, in the order of their bytes. */
export class KeyWalk {
  readonly #readers: readonly TsmReader[];
  readonly #wal: WalContent;
  readonly #cursors: readonly IndexCursor[];
  /** The key at which each cursor stands; `undefined` at its end. */
  readonly #keys: (Uint8Array | undefined)[];
  #walIndex = 0;
  #isStarted = false;
  #walked = 0;
  #key: Uint8Array | undefined;

  /** @param readers in the order in which later ones win */
  constructor(readers: readonly TsmReader[], wal: WalContent) {
    this.#readers = readers;
    this.#wal = wal;
    this.#cursors = readers.map((reader) => reader.cursor());
    this.#keys = readers.map(() => undefined);
  }

  /** Moves to the next key, and returns it; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const before = this.#key;
    for (let i = 0; i < this.#cursors.length; i += 1) {
      const cursor = this.#cursors[i] as IndexCursor;
      if (!this.#isStarted || isSame(this.#keys[i], before))
        this.#keys[i] = (await cursor.next()) ? cursor.key : undefined;
    }
    if (this.#isStarted && isSame(this.#wal.keys[this.#walIndex], before)) this.#walIndex += 1;
    this.#isStarted = true;
    this.#walked += 1;
    if (this.#walked % KEYS_PER_TURN === 0) await nextTurn();
    this.#key = this.#smallest();
    return this.#key;
  }

  /** Gives what all files and the WAL have of the current key to a merge. */
  collect(merge: KeyMerge, range: ReadRange): void {
    const key = this.#key as Uint8Array; // It is called after a key was returned.
    merge.begin(key, range);
    for (let i = 0; i < this.#keys.length; i += 1) {
      const cursor = this.#cursors[i] as IndexCursor;
      if (isSame(this.#keys[i], key)) merge.addBlocks(this.#readers[i] as TsmReader, cursor.type, cursor.blocks);
    }
    if (isSame(this.#wal.keys[this.#walIndex], key)) merge.addColumn(this.#wal.column(key), 'the WAL');
  }

  #smallest(): Uint8Array | undefined {
    let smallest = this.#wal.keys[this.#walIndex];
    for (const key of this.#keys) {
      if (key === undefined || key === smallest) continue;
      if (smallest === undefined || Buffer.compare(key, smallest) < 0) smallest = key;
    }
    return smallest;
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && (a === b || Buffer.compare(a, b) === 0);
}
