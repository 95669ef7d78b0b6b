import type { PartitionStatus } from '@ceres/restore';
import { count } from './format';
import { type Html, html } from './html';

const hourMs = 3_600_000;
const hours = 7 * 24;
const height = 40;

/** Draws the points per hour of the last seven days, of all policies of a database together. The hour that goes on is left out. */
export function hourChart(partitions: readonly PartitionStatus[], nowMs: number): Html {
  const endMs = Math.floor(nowMs / hourMs) * hourMs;
  const points = new Array<number>(hours).fill(0);
  let now = 0;
  for (const { fromMs, lines } of partitions.flatMap(({ activity }) => activity?.hours ?? [])) {
    const at = hours - (endMs - fromMs) / hourMs;
    if (at >= hours) now += lines;
    if (at >= 0 && at < hours) points[at] = (points[at] ?? 0) + lines;
  }
  const most = Math.max(...points);
  const total = points.reduce((sum, value) => sum + value, 0);
  const empty = points.filter((value) => value === 0).length;
  if (total === 0) return html`<p class="note">${withoutHours(now)}</p>`;
  const label = `Points per hour in the last 7 days: ${count(total)} in all, at most ${count(most)} in one hour, none in ${count(empty)} of ${hours} hours.`;
  return html`<figure class="hours"><figcaption>${label}</figcaption><svg viewBox="0 -1 ${hours} ${height + 2}" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="bars" d="${steps(points, most)}"><title>${label}</title></path></svg><div class="axis" aria-hidden="true"><span>7 days ago</span><span>now</span></div></figure>\n`;
}

/** Says what a database without a whole hour of points has. What a seed copied has no hour. */
function withoutHours(now: number): string {
  if (now === 0) return 'No point came through a tee in the last 7 days.';
  return `In this hour, ${now === 1 ? '1 point' : `${count(now)} points`} came through a tee, and none in the 7 days before it.`;
}

/** Returns the outline of bars. An hour with few points still has a bar, so that it does not look empty. */
function steps(points: readonly number[], most: number): string {
  let path = `M0 ${height}`;
  for (const value of points) {
    const bar = value === 0 ? 0 : Math.max(1, Math.round((value / most) * height));
    path += `V${height - bar}h1`;
  }
  return `${path}V${height}z`;
}
