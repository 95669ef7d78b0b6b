/** A span of time, ns: from `from` up to, and without, `until`. */
export interface TimeSpan {
  readonly from: bigint;
  readonly until: bigint;
}

/** Returns the same spans in order, with those that touch joined. */
export function joined(spans: readonly TimeSpan[]): readonly TimeSpan[] {
  const all: { from: bigint; until: bigint }[] = [];
  for (const { from, until } of [...spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = all.at(-1);
    if (last === undefined || from > last.until) all.push({ from, until });
    else if (until > last.until) last.until = until;
  }
  return all;
}

/** Returns whether a span shares a moment with one of those that `joined` returned. */
export function meetsAny(span: TimeSpan, spans: readonly TimeSpan[]): boolean {
  let low = 0;
  for (let high = spans.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as TimeSpan).until <= span.from) low = middle + 1;
    else high = middle;
  }
  const first = spans[low];
  return first !== undefined && first.from < span.until;
}

/** Returns the earlier of two moments, ns. */
export function earlierOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Returns the later of two moments, ns. */
export function laterOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
