import { InvalidArgumentError } from 'commander';

const rfc3339 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}))?$/;

/** A time of points: RFC 3339 with up to nine decimals, or a UTC day. Nanoseconds since the epoch. */
export function parsePointTime(text: string): bigint {
  const [, day, time = '00:00:00', decimals = '', zone = 'Z'] = rfc3339.exec(text) ?? [];
  const seconds = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`) / 1000;
  if (Number.isNaN(seconds)) {
    throw new InvalidArgumentError(`'${text}' is no time such as 2026-11-23T08:15:00Z or 2026-11-23.`);
  }
  return BigInt(seconds) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0'));
}

/** A time of files, as {@link parsePointTime}; milliseconds since the epoch. */
export function parseFileTime(text: string): number {
  return Number(parsePointTime(text) / 1_000_000n);
}

const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `10m`, `2h`. Milliseconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError(`'${text}' is no duration such as 90s, 10m or 2h.`);
  return Number(count) * unitsMs[unit as keyof typeof unitsMs];
}

/** Nanoseconds since the epoch as RFC 3339, without decimals that are zero. */
export function formatPointTime(ns: bigint): string {
  const subsecondNs = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((ns - subsecondNs) / 1_000_000n)).toISOString().slice(0, 19);
  const decimals = subsecondNs.toString().padStart(9, '0').replace(/0+$/, '');
  return decimals === '' ? `${seconds}Z` : `${seconds}.${decimals}Z`;
}

/** `1:02:03` or `2:03`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
