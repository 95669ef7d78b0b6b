/** Returns a text of at most this many characters; a longer one is cut, and says so and how long it was. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const isSplit = /[\ud800-\udbff]/.test(text[lengthMax - 1] ?? '');
  const kept = text.slice(0, isSplit ? lengthMax - 1 : lengthMax);
  return `${kept}… (${text.length.toLocaleString('en-US')} characters)`;
}
