/**
 * Yields the items of a source in batches.
 *
 * @param size is asked at the beginning of each batch
 */
export async function* inBatches<T>(items: AsyncIterable<T>, size: () => number): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  let wanted = size();
  for await (const item of items) {
    batch.push(item);
    if (batch.length < wanted) continue;
    yield batch;
    batch = [];
    wanted = size();
  }
  if (batch.length > 0) yield batch;
}
