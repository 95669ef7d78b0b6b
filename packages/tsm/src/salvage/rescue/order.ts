/**
 * Returns which items are certainly in their place in a list that should ascend: those that every longest ascending part of it holds. Where
 * one item of two neighbors must be wrong and nothing says which, neither is certain.
 *
 * @param compare compares the items with the indexes `a` and `b`
 */
export function certainlyInOrder(length: number, compare: (a: number, b: number) => number): readonly boolean[] {
  let isAscending = true;
  for (let i = 1; i < length && isAscending; i += 1) isAscending = compare(i - 1, i) < 0;
  if (isAscending) return new Array<boolean>(length).fill(true);
  const upTo = longestEndingAt(length, compare);
  // The longest that begins at an item is the longest that ends at it in the reversed list.
  const from = longestEndingAt(length, (a, b) => compare(length - 1 - b, length - 1 - a)).reverse();
  const longest = upTo.reduce((most, one) => Math.max(most, one), 0);
  const isPart = (i: number) => (upTo[i] as number) + (from[i] as number) - 1 === longest;
  const rivals = new Map<number, number>();
  for (let i = 0; i < length; i += 1)
    if (isPart(i)) rivals.set(upTo[i] as number, (rivals.get(upTo[i] as number) ?? 0) + 1);
  return Array.from({ length }, (_, i) => isPart(i) && rivals.get(upTo[i] as number) === 1);
}

/** Returns, for each item, the length of the longest ascending part that ends with it. */
function longestEndingAt(length: number, compare: (a: number, b: number) => number): number[] {
  /** The smallest item with which a part of each length ends. */
  const ends: number[] = [];
  const lengths: number[] = [];
  for (let i = 0; i < length; i += 1) {
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (compare(ends[middle] as number, i) < 0) low = middle + 1;
      else high = middle;
    }
    ends[low] = i;
    lengths.push(low + 1);
  }
  return lengths;
}
