/** Returns the UTC day of a time as YYYYMMDD, as the keys of backup files have it. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}
