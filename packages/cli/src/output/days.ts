/** Returns a day such as `20261123` as `2026-11-23`. */
export function dayText(day: string): string {
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}

/** Returns sorted days as `2026-11-21` and `2026-11-23 to 2026-11-25`: days that follow each other are one stretch. */
export function formatDays(days: readonly string[]): readonly string[] {
  const stretches: [string, string][] = [];
  for (const day of days) {
    const last = stretches.at(-1);
    if (last !== undefined && dayMs(day) - dayMs(last[1]) === 86_400_000) last[1] = day;
    else stretches.push([day, day]);
  }
  return stretches.map(([from, to]) => (from === to ? dayText(from) : `${dayText(from)} to ${dayText(to)}`));
}

function dayMs(day: string): number {
  return Date.parse(`${dayText(day)}T00:00:00Z`);
}
