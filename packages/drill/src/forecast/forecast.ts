import type { Certificate, Forecast, Machine, Route } from '../certificate/certificate';
import { type Timing, timeFor } from './fit';
import { isAlike, thisMachine } from './machine';

export interface ForecastOptions {
  /** Certificates of drills, in any order. Those that did not pass do not count. */
  readonly certificates: readonly Certificate[];
  /** How the restore will work. */
  readonly route: Route;
  /** The size of what will be restored: compressed bytes, and lines where they are known. */
  readonly bytes: number;
  readonly lines?: number | undefined;
  /** What is missing of the backup, in words: nothing is forecast of a backup with a gap. */
  readonly gap?: string | undefined;
  /** The machine that will restore. Default: this one. */
  readonly machine?: Machine;
}

/** Older drills tell of an older backup, and of an older program. */
const drillsMax = 12;
/** A forecast for more than ten times as much as any drill has restored would be a guess. */
const factorMax = 10.5;

/**
 * Predicts the time to restore from the last drills of the same route on the same kind of machine; of another kind of machine, if there are none.
 *
 * @example
 * ```ts
 * import { forecastRestore, readCertificates } from '@ceres/drill';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const { certificates } = await readCertificates(new LocalStorage('/var/backups/influx'), 'influxdb-0');
 * const forecast = forecastRestore({ certificates, route: 'native', bytes: 3_200_000_000 });
 * console.log('withheld' in forecast ? forecast.withheld : `${forecast.seconds} s`);
 * ```
 */
export function forecastRestore(options: ForecastOptions): Forecast {
  const { certificates, route, bytes, lines, gap, machine = thisMachine() } = options;
  if (gap !== undefined) return { withheld: `the backup has a gap: ${gap}` };
  const passed = certificates
    .filter(({ verdict, recovery }) => verdict === 'PASS' && recovery.seconds !== null)
    .toSorted((a, b) => (a.began < b.began ? 1 : -1));
  if (passed.length === 0) return { withheld: 'no drill has passed yet: run `ceres drill`' };
  const ofRoute = passed.filter(({ recovery }) => recovery.route === route);
  const [newestOfRoute] = ofRoute;
  if (newestOfRoute === undefined) {
    return { withheld: `no drill has restored by this route: run \`ceres drill --route ${route}\`` };
  }
  const here = ofRoute.filter((drill) => isAlike(drill.machine, machine));
  const isOtherMachine = here.length === 0;
  const there = isOtherMachine ? newestOfRoute.machine : machine;
  const drills = ofRoute.filter((drill) => isAlike(drill.machine, there)).slice(0, drillsMax);
  const isByLines = lines !== undefined && lines > 0;
  const size = isByLines ? lines : bytes;
  const timings = drills.map(({ restored, recovery }): Timing => {
    const own = isByLines ? (restored.lines ?? 0) : restored.bytes;
    return { size: own, seconds: recovery.seconds ?? 0 };
  });
  const largest = timings.reduce((max, timing) => Math.max(max, timing.size), 0);
  if (largest === 0) return { withheld: 'the drills restored nothing: run `ceres drill`' };
  const largestShare = size === 0 ? 1 : largest / size;
  if (size > factorMax * largest) {
    const share = `${(100 * largestShare).toFixed(1)} % of this`;
    return {
      withheld: `the largest drill restored ${share}: run \`ceres drill\` once without --sample, or with --sample 50`,
    };
  }
  return {
    seconds: round(timeFor(size, timings)),
    drills: drills.length,
    largestShare: round(largestShare),
    newest: (drills[0] ?? newestOfRoute).began,
    cpu: there.cpu,
    isOtherMachine,
  };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
