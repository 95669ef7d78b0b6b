import { InfluxHttpError, type InfluxServer, InfluxWriter } from '@ceres/influx-http';
import { RestoreError } from '../errors';

/** @throws RestoreError `INVALID_OPTIONS` for a key that is not in `known`, with the one that was probably meant */
export function refuseUnknown(options: object, known: readonly string[], what: string): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const hint = near === undefined ? `It takes: ${known.join(', ')}.` : `Did you mean '${near}'?`;
    throw new RestoreError('INVALID_OPTIONS', `${what} has no option '${key}'. ${hint}`);
  }
}

/** @throws RestoreError `INVALID_OPTIONS` unless `ok` */
export function require(ok: boolean, message: string): asserts ok {
  if (!ok) throw new RestoreError('INVALID_OPTIONS', message);
}

/** @returns `value`, or `fallback` where it is left out */
export function wholeNumber(
  name: string,
  value: number | undefined,
  range: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  if (value === undefined) return range.fallback;
  const ok = (Number.isSafeInteger(value) || value === range.max) && value >= range.min && value <= range.max;
  require(ok, `${name} is ${String(value)}, but must be a whole number from ${range.min} to ${range.max}.`);
  return value;
}

export function flag(name: string, value: boolean | undefined): boolean {
  require(value === undefined || typeof value === 'boolean', `${name} must be true or false.`);
  return value ?? false;
}

export function text(name: string, value: unknown): string {
  require(typeof value === 'string' && value !== '', `${name} must be a text that is not empty.`);
  return value;
}

function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

/** Levenshtein's. */
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

/** @throws RestoreError `INVALID_OPTIONS` with the reason of the package that will use it */
export function checkServer(server: InfluxServer): InfluxServer {
  try {
    new InfluxWriter(server);
  } catch (error) {
    if (!(error instanceof InfluxHttpError)) throw error;
    throw new RestoreError('INVALID_OPTIONS', `target: ${error.message}`, { cause: error });
  }
  return server;
}

/** Without credentials: for messages and the journal. */
export function shownUrl({ url }: InfluxServer): string {
  const shown = new URL(url);
  shown.username = shown.password = '';
  return shown.href;
}
