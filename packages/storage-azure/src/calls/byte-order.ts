import { compareKeys } from '@ceres/storage/adapter';

/** The longest run of names that is held in memory to be sorted. Ceres' own names are ASCII, so that there is none. */
const runNamesMax = 100_000;

/** The first code unit that UTF-16 and UTF-8 put in different places. */
const reordered = /[\ud800-\uffff]/;

/**
 * Yields the items of a listing in the order of their UTF-8 bytes. Azure orders names by their UTF-16 units, in which an emoji comes before
 * U+E000…U+FFFF, and by UTF-8 after. Only names that hold one of these can change places, and only with neighbors that hold one, too.
 *
 * @param tooMany makes the error for a run of such names that is too long to be held
 */
export async function* inByteOrder<T extends { readonly key: string }>(
  items: AsyncIterable<T>,
  tooMany: (key: string) => Error,
): AsyncGenerator<T> {
  let run: T[] = [];
  for await (const item of items) {
    if (reordered.test(item.key)) {
      run.push(item);
      if (run.length > runNamesMax) throw tooMany(item.key);
      continue;
    }
    if (run.length > 0) yield* sorted(run);
    run = [];
    yield item;
  }
  yield* sorted(run);
}

/** Returns a name, the beginning of `key`, from which a listing has every name behind `key` in either order. */
export function startBefore(key: string): string {
  const at = key.search(reordered);
  return at === -1 ? key : key.slice(0, at);
}

function sorted<T extends { readonly key: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => compareKeys(a.key, b.key));
}
