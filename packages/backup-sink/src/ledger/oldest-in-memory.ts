/** The lines of one partition that are not durable yet. */
interface LinesInMemory {
  readonly partition: { readonly instance: string };
  /** When the oldest of them came, in ms of the steady clock; `undefined` if there are none. */
  readonly oldestInMemoryMs: number | undefined;
}

/** Returns when the oldest lines of an instance that are not durable yet came, in ms of the steady clock; `undefined` if there are none. */
export function oldestInMemory(all: Iterable<LinesInMemory>, instance: string): number | undefined {
  let oldest: number | undefined;
  for (const { partition, oldestInMemoryMs } of all) {
    if (oldestInMemoryMs === undefined || partition.instance !== instance) continue;
    oldest = Math.min(oldest ?? Infinity, oldestInMemoryMs);
  }
  return oldest;
}
