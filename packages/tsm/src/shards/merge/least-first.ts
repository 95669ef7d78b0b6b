/** A binary heap. Its least item is at hand; one that became greater finds its place in a time that grows with the logarithm of their number. */
export class LeastFirst<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  /** The place of the item that was the second when it was asked for: it may have become greater since. */
  #secondAt = 1;

  /** @param isBefore the same for two items until one of them is moved here */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** The least of all but the first. */
  get second(): T | undefined {
    const items = this.#items;
    this.#secondAt = items.length > 2 && this.#isBefore(items[2] as T, items[1] as T) ? 2 : 1;
    return items[this.#secondAt];
  }

  clear(): void {
    this.#items.length = 0;
  }

  add(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(item, items[above] as T)) break;
      items[at] = items[above] as T;
      at = above;
    }
    items[at] = item;
  }

  /** Moves the first item to where it belongs now that it is greater; or out of the heap, unless it `stays`. */
  moveFirst(stays: boolean): void {
    this.#move(0, stays);
  }

  /** Does the same with the one that was the second when `second` was read: no item may have been moved since. */
  moveSecond(stays: boolean): void {
    this.#move(this.#secondAt, stays);
  }

  #move(from: number, stays: boolean): void {
    const items = this.#items;
    const item = stays ? (items[from] as T) : (items.pop() as T);
    const { length } = items;
    if (from >= length) return; // It was the last one that left.
    let at = from;
    for (let below = 2 * at + 1; below < length; below = 2 * at + 1) {
      if (below + 1 < length && this.#isBefore(items[below + 1] as T, items[below] as T)) below += 1;
      if (!this.#isBefore(items[below] as T, item)) break;
      items[at] = items[below] as T;
      at = below;
    }
    items[at] = item;
  }
}
