/** What waits, in groups that take turns: however much waits in one, none of another waits for more than one of it. */
export class FairQueue<T> {
  readonly #groups = new Map<string, T[]>();

  /** Returns what waits in a group, the first first. */
  of(group: string): readonly T[] {
    return this.#groups.get(group) ?? [];
  }

  add(group: string, item: T): void {
    const items = this.#groups.get(group);
    if (items === undefined) this.#groups.set(group, [item]);
    else items.push(item);
  }

  /** Takes out the first of the group whose turn it is. */
  next(): T | undefined {
    for (const [group, items] of this.#groups) {
      const item = items.shift();
      this.#groups.delete(group); // The order of the map is that of the turns.
      if (items.length > 0) this.#groups.set(group, items);
      return item;
    }
    return undefined;
  }
}
