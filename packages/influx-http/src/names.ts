import { InfluxHttpError } from './errors';

/**
 * A misspelt option would otherwise be ignored, and the write go to the default policy.
 *
 * @throws InfluxHttpError `INVALID_OPTIONS` with the name that was probably meant
 */
export function refuseUnknownNames(options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw invalid(`${String(options)} is no object with ${names.join(', ')}`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw invalid(`unknown option '${name}'${suggestion(name, names)}`);
  }
}

export function invalid(message: string): InfluxHttpError {
  return new InfluxHttpError('INVALID_OPTIONS', message);
}

/** The name that was probably meant: equal but for case, unit or a misspelt letter or two. */
function suggestion(unknown: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, distance: distance(unknown.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= 3 ? `: did you mean '${nearest.name}'?` : `: there are ${names.join(', ')}`;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
