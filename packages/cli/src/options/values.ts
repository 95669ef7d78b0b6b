import { parseDurationMs } from '@ceres/internal';
import { InvalidArgumentError } from 'commander';

const rfc3339 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}))?$/;

export function parseWholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError(`Expected a whole number, such as 4.`);
  }
  return number;
}

/** Returns a number of percent, such as `5` or `2.5`. */
export function parsePercent(text: string): number {
  const percent = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || percent < 0.01 || percent > 100) {
    throw new InvalidArgumentError('Expected a number of percent from 0.01 to 100, such as 5.');
  }
  return percent;
}

/** Returns the bytes of a whole number of MiB. */
export function parseMebibytes(text: string): number {
  return parseWholeNumber(text) * 1024 * 1024;
}

/** Returns the milliseconds of a duration such as `90s`, `10m` or `1h30m`. */
export function parseDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration, such as 90s, 10m or 2h.');
  return ms;
}

/** Returns the time of a point, in nanoseconds since the epoch: RFC 3339 with up to nine decimals, or a UTC day. */
export function parsePointTime(text: string): bigint {
  const [, day, time = '00:00:00', decimals = '', zone = 'Z'] = rfc3339.exec(text) ?? [];
  const seconds = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`) / 1000;
  if (Number.isNaN(seconds)) {
    throw new InvalidArgumentError(
      'Expected a time, such as 2026-11-23T08:15:00Z or 2026-11-23, or one before now, such as -2h.',
    );
  }
  return BigInt(seconds) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0'));
}

/** Returns the time of a file, in milliseconds since the epoch; the same text as for {@link parsePointTime}. */
export function parseFileTime(text: string): number {
  return Number(parsePointTime(text) / 1_000_000n);
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/** Collects `from=to` of an option that may be repeated. The first `=` divides, so a name with `=` cannot be mapped. */
export function collectMapping(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, from, to] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    throw new InvalidArgumentError('Expected FROM=TO, such as db_0=db_0_check.');
  }
  return withName(earlier, from, to);
}

/** Parses the new name of a retention policy: as {@link collectMapping}, but an empty name is the default policy of either side. */
export function collectPolicyMapping(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, from, to] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (from === undefined || to === undefined || from === to) {
    throw new InvalidArgumentError(
      'Expected FROM=TO, such as 30d=90d; =90d for the default policy of the backup, 30d= for that of the server.',
    );
  }
  return withName(earlier, from, to);
}

function withName(names: Readonly<Record<string, string>>, from: string, to: string): Readonly<Record<string, string>> {
  if (Object.hasOwn(names, from)) throw new InvalidArgumentError(`Expected one new name for '${from}', got two.`);
  return { ...names, [from]: to };
}

/** Returns the options that were given: an API option that is absent has its default, and none takes `undefined`. */
export function onlyGiven<T extends object>(options: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
