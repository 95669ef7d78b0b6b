/** Keeps the memory of rows for the next ones: on a busy machine, new memory takes longer than to fill it. */
export class RowMemory {
  /** Free arrays by their length. */
  #free = new Map<number, Uint32Array[]>();

  /** Returns an array of this length. What it holds means nothing. */
  take(length: number): Uint32Array {
    const kept = this.#free.get(length)?.pop();
    if (kept !== undefined) return kept;
    // Rows of another width: what is kept would only take room.
    this.#free.clear();
    return new Uint32Array(length);
  }

  giveBack(array: Uint32Array): void {
    const others = this.#free.get(array.length);
    if (others === undefined) this.#free.set(array.length, [array]);
    else others.push(array);
  }
}
