/** Returns the least of some numbers, however many there are; `Math.min` takes them on the stack. `Infinity` if there are none. */
export function least(numbers: Iterable<number>): number {
  let found = Number.POSITIVE_INFINITY;
  for (const number of numbers) found = Math.min(found, number);
  return found;
}

/** Returns the greatest of some numbers, however many there are, and `start` if none of them is greater. */
export function greatest(numbers: Iterable<number>, start: number = Number.NEGATIVE_INFINITY): number {
  let found = start;
  for (const number of numbers) found = Math.max(found, number);
  return found;
}
