const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Returns a size such as `64.0 MiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(sizeUnits.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${sizeUnits[power]}`;
}

/** Returns a number with separators, such as `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Returns a number of things, such as `1 file` or `12,345 files`. */
export function formatCountOf(count: number, thing: string, things = `${thing}s`): string {
  return `${formatCount(count)} ${count === 1 ? thing : things}`;
}

/** Returns the policies that files switch between, or their only one. */
export function formatPolicies({ retentionPolicy, mixed }: PolicyNames): string {
  return (mixed ?? [retentionPolicy]).map((name) => formatPolicy(name)).join(' and ');
}

interface PolicyNames {
  readonly retentionPolicy?: string;
  readonly mixed?: readonly string[];
}

/** Returns a name, or what stands for the name of a default policy. */
export function formatPolicy(retentionPolicy: string | undefined): string {
  return retentionPolicy || '(default)';
}

/** Returns nanoseconds since the epoch as RFC 3339, without decimals that are zero. */
export function formatPointTime(ns: bigint): string {
  const subsecondNs = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((ns - subsecondNs) / 1_000_000n)).toISOString().slice(0, 19);
  const decimals = subsecondNs.toString().padStart(9, '0').replace(/0+$/, '');
  return decimals === '' ? `${seconds}Z` : `${seconds}.${decimals}Z`;
}

/** Returns a duration as `1:02:03` or `2:03`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** Returns nanoseconds since the epoch as the minute of UTC that they lie in, such as `2026-11-23 08:15`. */
export function formatMinute(ns: bigint): string {
  return formatPointTime(ns)
    .slice(0, -1)
    .replace('T', ' ')
    .replace(/:\d\d(\.\d+)?$/, '');
}
