/**
 * Compares two keys by their UTF-8 bytes, as buckets do: the order of every listing. Returns a negative number, zero or a
 * positive number, for `Array.sort`. This is the order of code points; JavaScript's own `<` differs, since it puts
 * surrogates before U+E000…U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Ranks the surrogates, which stand for code points above U+FFFF, after all other code units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
