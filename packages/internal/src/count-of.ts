/**
 * Returns a number of things in words, such as `1 point` or `12 points`. A verb that agrees with the number belongs to both names.
 *
 * @example
 * ```ts
 * countOf(1, 'point is', 'points are'); // '1 point is'
 * ```
 */
export function countOf(count: number, thing: string, things = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`;
}
