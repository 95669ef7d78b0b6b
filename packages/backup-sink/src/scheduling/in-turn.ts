/**
 * Keeps values in the order in which they were handed in, though some of them are still being made: each key has a queue of its own.
 */
export class InTurn<K> {
  /** The last one of each key that is, or waits for one that is, still being made. */
  readonly #last = new Map<K, Promise<unknown>>();

  /**
   * Calls `enter` with the value, at once if neither it nor one before it is still being made, and else when that has changed. Between
   * two calls nothing of the same key can slip in.
   *
   * @throws what the value's promise rejects with; what `enter` throws
   */
  async run<T, R>(key: K, value: T | Promise<T>, enter: (value: T) => Promise<R>): Promise<R> {
    const before = this.#last.get(key);
    if (before === undefined && !(value instanceof Promise)) return await enter(value);
    const turn = Promise.allSettled([value, before]);
    this.#last.set(key, turn);
    const [made] = await turn;
    if (this.#last.get(key) === turn) this.#last.delete(key);
    if (made.status === 'rejected') throw made.reason;
    return await enter(made.value);
  }
}
