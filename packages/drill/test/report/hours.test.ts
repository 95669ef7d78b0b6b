import type { PartitionStatus } from '@ceres/restore';
import { describe, expect, it } from 'vitest';
import { hourChart } from '../../src/report/hours';
import { nowMs, partitionOf } from './instance-status';

const hourMs = 3_600_000;
/** Somebody looks in the middle of an hour. */
const lookedMs = nowMs + hourMs / 2;

/** Returns a partition with these points, by how many hours ago the hour began that has them. */
function withHours(...hours: readonly (readonly [ago: number, lines: number])[]): PartitionStatus {
  return partitionOf({
    activity: { days: [], hours: hours.map(([ago, lines]) => ({ fromMs: nowMs - ago * hourMs, lines })) },
  });
}

const chartOf = (...partitions: readonly PartitionStatus[]) => hourChart(partitions, lookedMs).text;

/** Reads the height of each bar back. */
function barsOf(chart: string): readonly number[] {
  const [, path = ''] = /<path class="bars" d="M0 40(.*)V40z">/.exec(chart) ?? [];
  const steps = [...path.matchAll(/V(\d+)h1/g)];
  expect(steps.map(([step]) => step).join('')).toBe(path);
  return steps.map(([, top]) => 40 - Number(top));
}

describe('the points per hour of a database', () => {
  it('are a bar for each whole hour of the last seven days, the oldest on the left', () => {
    const bars = barsOf(chartOf(withHours([1, 400], [2, 200], [168, 100])));
    expect(bars).toHaveLength(168);
    expect([bars[0], bars[166], bars[167]]).toEqual([10, 20, 40]);
    expect(bars.slice(1, 166).every((bar) => bar === 0)).toBe(true);
  });

  it('leave out the hour that goes on, and what is older than seven days', () => {
    const chart = chartOf(withHours([0, 1_000_000], [1, 400], [169, 1_000_000]));
    expect(barsOf(chart)).toEqual([...new Array<number>(167).fill(0), 40]);
    expect(chart).toContain('400 in all');
    expect(chartOf(withHours([169, 5]))).toBe('<p class="note">No point came through a tee in the last 7 days.</p>');
  });

  it('are not denied to a backup that began in the hour that goes on', () => {
    const note = (points: string) =>
      `<p class="note">In this hour, ${points} came through a tee, and none in the 7 days before it.</p>`;
    expect(chartOf(withHours([0, 4_000]), withHours([0, 5]))).toBe(note('4,005 points'));
    expect(chartOf(withHours([0, 1]))).toBe(note('1 point'));
  });

  it('are those of all policies together', () => {
    const chart = chartOf(withHours([1, 300], [2, 100]), withHours([1, 100]), partitionOf({}));
    expect(barsOf(chart).slice(-2)).toEqual([10, 40]);
    expect(chart).toContain('500 in all');
  });

  it('have a bar that can be seen, however few they are', () => {
    expect(barsOf(chartOf(withHours([1, 1_000_000], [2, 1]))).slice(-3)).toEqual([0, 1, 40]);
  });

  it('are said in words: for the picture, and for who points at it', () => {
    const chart = chartOf(withHours([1, 3_000], [2, 1_000]));
    const text =
      'Points per hour in the last 7 days: 4,000 in all, at most 3,000 in one hour, none in 166 of 168 hours.';
    expect(chart).toContain(`<figcaption>${text}</figcaption>`);
    expect(chart).toContain(`role="img" aria-label="${text}"`);
    expect(chart).toContain(`<title>${text}</title>`);
    expect(chart).toContain('<span>7 days ago</span><span>now</span>');
  });
});
