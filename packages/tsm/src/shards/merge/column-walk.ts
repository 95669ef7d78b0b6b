import { KeySplitter, type SplitKey } from '../../files/key';
import type { FieldColumn, ReadRange } from '../contract';
import type { KeyMerge } from './key-merge';
import type { KeyWalk } from './key-walk';

type Found = FieldColumn | undefined;

/** Goes through the columns of a shard, key by key. */
export class ColumnWalk {
  readonly #keys: KeyWalk;
  readonly #merge: KeyMerge;
  readonly #range: ReadRange;
  readonly #splitter = new KeySplitter();
  #current: SplitKey | undefined;

  constructor(keys: KeyWalk, merge: KeyMerge, range: ReadRange) {
    this.#keys = keys;
    this.#merge = merge;
    this.#range = range;
  }

  /** Returns the next column, or `undefined` at the end; a promise only if something must be read first. The column is valid until the next call. */
  next(): Found | Promise<Found> {
    for (;;) {
      if (this.#current === undefined) {
        const key = this.#keys.next();
        if (key instanceof Promise) return key.then((found) => (this.#begin(found) ? this.next() : undefined));
        if (!this.#begin(key)) return undefined;
      }
      const column = this.#merge.next();
      if (column instanceof Promise) return column.then((found) => this.#found(found) ?? this.next());
      const found = this.#found(column);
      if (found !== undefined) return found;
    }
  }

  #begin(key: Uint8Array | undefined): boolean {
    if (key === undefined) return false;
    this.#keys.collect(this.#merge, this.#range);
    this.#current = this.#splitter.split(key, this.#keys.shared);
    return true;
  }

  #found(column: FieldColumn['column'] | undefined): Found {
    if (column === undefined || this.#current === undefined) {
      this.#current = undefined;
      return undefined;
    }
    const { seriesKey, field } = this.#current;
    return { seriesKey, field, column };
  }
}
