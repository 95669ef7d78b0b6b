/** How long a restore of some size took. */
export interface Timing {
  readonly size: number;
  readonly seconds: number;
}

/** Sizes that differ by less say nothing about what each line costs. */
const ratioMin = 1.2;

/**
 * Returns the time for a size: what every restore costs, and what each line costs. Both are medians over pairs of restores (Theil and Sen), so that one
 * that was disturbed does not count. Where all restores are of one size, the time grows with the size alone.
 */
export function timeFor(size: number, timings: readonly Timing[]): number {
  const known = timings.filter((timing) => timing.size > 0);
  const slopes = known.flatMap((a, i) =>
    known
      .slice(i + 1)
      .filter((b) => Math.max(a.size, b.size) >= ratioMin * Math.min(a.size, b.size))
      .map((b) => (b.seconds - a.seconds) / (b.size - a.size)),
  );
  const each = median(slopes);
  if (each === undefined || each <= 0) return size * (median(known.map((one) => one.seconds / one.size)) ?? 0);
  const fixed = median(known.map((one) => one.seconds - each * one.size)) ?? 0;
  if (fixed >= 0) return fixed + each * size;
  // No restore costs less than nothing: the small ones were disturbed least, and the largest ones tell what a line costs.
  const largest = known.reduce((max, one) => Math.max(max, one.size), 0);
  const large = known.filter((one) => one.size * ratioMin >= largest);
  return size * (median(large.map((one) => one.seconds / one.size)) ?? 0);
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
