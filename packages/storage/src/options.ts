import { optionChecks } from '@ceres/internal';
import { StorageError } from './errors';

/** Checks options; every refusal is a `StorageError` with the code `INVALID_OPTIONS`. */
export const check = optionChecks((message) => new StorageError('INVALID_OPTIONS', message));
/**
 * Refuses options that nobody reads, with the name that was probably meant. Shared by the adapters.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function refuseUnknownOptions(owner: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = known.find((name) => editDistance(name.toLowerCase(), unknown.toLowerCase()) <= 3);
  const advice = meant === undefined ? `The options are: ${known.join(', ')}` : `Did you mean "${meant}"`;
  const end = meant === undefined ? '.' : '?';
  throw new StorageError('INVALID_OPTIONS', `${owner} has no option "${unknown}". ${advice}${end}`);
}

/**
 * @throws StorageError `INVALID_OPTIONS` unless `value` is a number from `min` to `max`
 */
export function checkNumber(name: string, value: unknown, min: number, max: number): void {
  if (typeof value === 'number' && value >= min && value <= max) return;
  throw new StorageError('INVALID_OPTIONS', `${name} is ${String(value)}: give a number from ${min} to ${max}.`);
}

/** Levenshtein's: the insertions, deletions and replacements that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
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
