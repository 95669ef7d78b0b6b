/**
 * Merges ordered streams into one. It holds one item of each stream.
 *
 * @param streams a few: each item takes a look at the head of every stream
 */
export async function* mergeOrdered<T>(
  streams: readonly AsyncIterable<T>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<T> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      let least = -1;
      let leastValue: T | undefined;
      for (const [i, head] of heads.entries()) {
        if (head.done || (least >= 0 && compare(leastValue as T, head.value) <= 0)) continue;
        least = i;
        leastValue = head.value;
      }
      const iterator = iterators[least];
      if (iterator === undefined) return;
      yield leastValue as T;
      heads[least] = await iterator.next();
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}
