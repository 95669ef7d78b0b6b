/**
 * Returns the candidate that a misspelled word was probably meant to be: the same but for upper and lower case, or different
 * in at most a third of its letters, or in two. Returns `undefined` if none is that near.
 */
export function nearestName(word: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

/** How many names a message lists. */
const namesShownMax = 20;

/** Returns names as a message lists them: `'a', 'b' and 3 more`. */
export function listNames(names: Iterable<string>): string {
  const sorted = [...new Set(names)].sort();
  const shown = sorted.slice(0, namesShownMax).map((name) => `'${name}'`);
  const more = sorted.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Returns what there is in place of a name that nothing has, and the name that was probably meant. */
export function whatThereIs(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none.';
  const meant = nearestName(name, known);
  return `There ${known.length === 1 ? 'is' : 'are'} ${listNames(known)}.${meant === undefined ? '' : ` Did you mean '${meant}'?`}`;
}

/** Returns the Levenshtein distance: how many insertions, deletions and replacements turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
