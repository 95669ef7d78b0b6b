import type { Forecast } from '@ceres/drill';
import type { SelectedLines } from '@ceres/restore';
import { print, type Terminal } from '../../../terminal';
import { formatCount, formatCountOf, formatDuration, formatPointTime } from '../../format';
import { formatForecast } from './drill';

/** What one InfluxDB takes on two cores, whose CPU is the limit. */
const usualLinesPerSecond = 100_000;

/** What a restore is expected to send, and how long that takes. */
export interface Estimate extends SelectedLines {
  readonly linesPerSecond: number;
  readonly expectedMs: number;
}

/** Returns the time that lines take at the rate that is set, or else at the usual one. */
export function withDuration(selected: SelectedLines, rate = usualLinesPerSecond): Estimate {
  const linesPerSecond = Math.min(rate, usualLinesPerSecond);
  return { ...selected, linesPerSecond, expectedMs: Math.round((selected.lines / linesPerSecond) * 1000) };
}

/**
 * Prints how many lines a restore would send, of which times in UTC and on this machine, and how long it would take: as drills tell, or else at the usual
 * rate.
 */
export function printEstimate(terminal: Terminal, estimate: Estimate, forecast: Forecast): void {
  const { lines, isUpperBound, filesUnknown, first, last, linesPerSecond, expectedMs } = estimate;
  const unknown =
    filesUnknown === 0 ? '' : `, and those of ${formatCountOf(filesUnknown, 'file')} that does not say it`;
  print(terminal, `would send: ${isUpperBound ? 'up to ' : ''}${formatCountOf(lines, 'line')}${unknown}`);
  if (first !== undefined && last !== undefined) {
    print(terminal, `  points from ${formatPointTime(first)} to ${formatPointTime(last)}`);
    print(terminal, `  local time  ${localTime(first)} to ${localTime(last)}`);
  }
  if (!('withheld' in forecast)) {
    print(terminal, `would take: ${isUpperBound ? 'up to ' : ''}${formatForecast(forecast)}`);
    return;
  }
  const duration = `${isUpperBound ? 'up to ' : ''}about ${formatDuration(expectedMs)}`;
  print(terminal, `would take: ${duration}, at ${formatCount(linesPerSecond)} lines/s`);
  print(terminal, `  no forecast from drills, because ${forecast.withheld}`);
}

/** Returns nanoseconds since the epoch as this machine's clock shows them, to the second, with the distance from UTC. */
function localTime(ns: bigint): string {
  const ms = Number(ns / 1_000_000n);
  const minutes = -new Date(ms).getTimezoneOffset();
  const shifted = new Date(ms + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const distance = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${shifted} ${minutes < 0 ? '-' : '+'}${distance.map((part) => String(part).padStart(2, '0')).join(':')}`;
}
