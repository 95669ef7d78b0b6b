import { expect, it } from 'vitest';
import { CoveredTime, timeMax, timeMin } from '../../src/watch/time/covered-time';
import { dueRanges } from '../../src/watch/time/due-ranges';
import { nearSpans, stretchesOf } from '../../src/watch/time/watched-time';

const hourMs = 3_600_000;
const dayNs = 86_400_000_000_000n;
const nowMs = Date.UTC(2024, 0, 31);
const nowNs = BigInt(nowMs) * 1_000_000n;
const span = (from: bigint, until: bigint) => ({ from, until });

it('the oldest comparison of a span is that of its oldest part, and none if a part never was compared', () => {
  const covered = new CoveredTime();
  covered.add(span(0n, 100n), 1);
  covered.add(span(40n, 60n), 2);
  expect(covered.spans.map(({ from, until }) => [from, until])).toEqual([
    [0n, 40n],
    [40n, 60n],
    [60n, 100n],
  ]);
  expect(covered.oldest(span(45n, 55n))).toBe(2);
  expect(covered.oldest(span(0n, 100n))).toBe(1);
  expect(covered.oldest(span(90n, 101n))).toBeUndefined();
  covered.forget(span(10n, 20n));
  expect(covered.oldest(span(0n, 100n))).toBeUndefined();
});

it('stretches leave no moment out, and are at most 500', () => {
  const moments = Array.from({ length: 5_000 }, (_, n) => BigInt(n) * dayNs);
  const stretches = stretchesOf({ moments, shardNs: dayNs });
  expect(stretches.length).toBeLessThanOrEqual(501);
  expect([stretches[0]?.from, stretches.at(-1)?.until]).toEqual([timeMin, timeMax]);
  for (const [i, { from }] of stretches.entries()) if (i > 0) expect(from).toBe(stretches[i - 1]?.until);
});

it('many spans become a few that hold all of them', () => {
  const spans = Array.from({ length: 100 }, (_, n) => span(BigInt(n * n), BigInt(n * n + 1)));
  const near = nearSpans(spans, 7);
  expect(near).toHaveLength(7);
  for (const one of spans) expect(near.some(({ from, until }) => from <= one.from && one.until <= until)).toBe(true);
});

/** Runs for a number of periods, and returns how often each stretch was compared, and the longest time between. */
function simulate(everyMs: number, periods: number) {
  const periodMs = 168 * hourMs;
  const stretches = stretchesOf({
    moments: Array.from({ length: 30 }, (_, n) => nowNs - BigInt(n) * dayNs),
    shardNs: dayNs,
  });
  const covered = new CoveredTime();
  const lastMs = new Map(stretches.map(({ from }) => [from, nowMs]));
  let [longestMs, activeAsked, compared] = [0, 0, 0];
  let lastRunMs: number | undefined;
  let activeAskedMs: number | undefined;
  for (let atMs = nowMs; atMs < nowMs + periods * periodMs; atMs += everyMs) {
    const state = { covered, open: [], activeAskedMs };
    for (const range of dueRanges({ state, stretches, added: [], hole: undefined, nowMs: atMs, lastRunMs, periodMs })) {
      covered.add(range, atMs);
      if (range.fromFiles && range.until === timeMax) {
        activeAsked += 1;
        activeAskedMs = atMs;
      }
      for (const { from, until } of stretches) {
        if (from < range.from || until > range.until) continue;
        compared += 1;
        longestMs = Math.max(longestMs, atMs - (lastMs.get(from) ?? 0));
        lastMs.set(from, atMs);
      }
    }
    lastRunMs = atMs;
  }
  return { stretches: stretches.length, longestMs, activeAsked, compared, periodMs };
}

it.each([hourMs / 4, hourMs, 24 * hourMs])(
  'every stretch has its turn within each period, at runs every %d ms, and no more often than asked',
  (everyMs) => {
    const { stretches, longestMs, activeAsked, compared, periodMs } = simulate(everyMs, 4);
    expect(longestMs).toBeLessThanOrEqual(periodMs);
    expect(compared).toBeLessThanOrEqual(stretches * 6); // in four periods, and at the first run
    expect(activeAsked).toBeLessThanOrEqual(5);
    expect(activeAsked).toBeGreaterThanOrEqual(4);
  },
);

it('what may still be on its way is left for later, and what was left open comes first', () => {
  const stretches = [span(timeMin, timeMax)];
  const covered = new CoveredTime([{ from: timeMin, until: timeMax, comparedMs: nowMs - hourMs }]);
  const state = { covered, open: [span(5n, 9n)], activeAskedMs: nowMs - hourMs };
  const hole = span(nowNs - 100n, nowNs);
  const added = [span(nowNs - 150n, nowNs - 50n)];
  const due = dueRanges({ state, stretches, added, hole, nowMs, lastRunMs: nowMs - 1_000, periodMs: 168 * hourMs });
  expect(due).toEqual([
    { from: 5n, until: 9n, because: 'open alarm', fromFiles: false },
    { from: nowNs - 150n, until: nowNs - 100n, because: 'new files', fromFiles: false },
  ]);
});

it('active shards are not asked for again within a period: what has its turn there is queried', () => {
  const stretches = [span(timeMin, 0n), span(0n, timeMax)];
  const state = { covered: new CoveredTime(), open: [], activeAskedMs: nowMs - hourMs };
  const settings = { state, stretches, added: [], hole: undefined, nowMs, lastRunMs: nowMs - 1_000 };
  const files = (periodMs: number) =>
    dueRanges({ ...settings, periodMs }).map(({ from, fromFiles }) => [from, fromFiles]);
  expect(files(168 * hourMs)).toEqual([
    [timeMin, true],
    [0n, false],
  ]);
  expect(files(hourMs)).toEqual([[timeMin, true]]); // as one range, from files
});
