import { availableParallelism } from 'node:os';
import { InfluxHttpError, type InfluxServer, InfluxWriter } from '@ceres/influx-http';
import { optionChecks, precisions } from '@ceres/internal';
import type { PolicySchema, Precision } from '@ceres/lineproto';
import { RestoreError } from '../errors';

/** Checks of options that two of this package's functions share; every message has the code `INVALID_OPTIONS`. */
export const check = optionChecks((message) => new RestoreError('INVALID_OPTIONS', message));

/**
 * Returns the server to restore into or to compare with.
 *
 * @throws RestoreError `INVALID_OPTIONS`, with the reason of the package that will talk to the server
 */
export function checkServer(to: InfluxServer): InfluxServer {
  check.that(typeof to === 'object' && to !== null, 'to', "an object such as { url: 'http://127.0.0.1:8086' }", to);
  try {
    new InfluxWriter(to);
  } catch (error) {
    if (!(error instanceof InfluxHttpError)) throw error;
    throw new RestoreError('INVALID_OPTIONS', `The option \`to\` names no usable server: ${error.message}`, {
      cause: error,
    });
  }
  return to;
}

/** Returns the precision of files that do not name theirs. */
export function checkPrecision(precision: Precision): Precision {
  return check.oneOf('precision', precision, precisions);
}

/** Returns a list of texts as a set. `what` says what the list is for. */
export function checkTexts(name: string, texts: readonly string[], what: string): ReadonlySet<string> {
  check.that(Array.isArray(texts) && texts.every((text) => typeof text === 'string' && text !== ''), name, what, texts);
  return new Set(texts);
}

/** Returns a server's URL without credentials, for messages and the journal. */
export function shownUrl({ url }: InfluxServer): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

/** Checks an option that is called back. */
export function checkCallback(name: string, callback: unknown): void {
  check.that(callback === undefined || typeof callback === 'function', name, 'a function', callback);
}

/** Checks policies by their names on the server. */
export function checkPolicies(policies: Readonly<Record<string, PolicySchema>>): void {
  check.that(typeof policies === 'object' && policies !== null, 'policies', 'an object from name to policy', policies);
  for (const [key, policy] of Object.entries(policies)) {
    const isGood = policy?.name === undefined || key === '' || key.endsWith('/');
    check.that(isGood, `policies['${key}'].name`, "left out: only the default policy, '', takes one", policy?.name);
    if (policy?.name !== undefined) check.text(`policies['${key}'].name`, policy.name, 'two_weeks');
  }
}

/** More threads than these have nothing to do: one reads files as fast as three compile. */
const THREADS_MAX = 4;

/** Returns how many threads work, the caller's included. */
export function checkThreads(name: string, threads = Math.min(availableParallelism(), THREADS_MAX)): number {
  return check.wholeNumber(name, threads, { min: 1, max: 64 });
}

/** Returns whether a snapshot is that of a running server. */
export function isServiceUrl(snapshot: string): boolean {
  return /^tcp:\/\//i.test(snapshot);
}
