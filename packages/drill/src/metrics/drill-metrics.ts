import type { Metric } from '@ceres/internal';
import type { Certificate } from '../certificate/certificate';
import type { ReadCertificates } from '../certificate/read-certificates';
import { gauge, type Sample } from './gauge';

/** How many of the newest drills are read: a PASS that is older than these is as good as none. */
export const drillsRead = 30;

/** Measures the last drill of each instance, and the last that passed. */
export function drillMetrics(drills: ReadonlyMap<string, ReadCertificates>): Metric[] {
  const each = (of: (certificates: readonly Certificate[]) => number | undefined): Sample[] =>
    [...drills].flatMap(([instance, { certificates }]) => {
      const value = of(certificates);
      return value === undefined ? [] : [{ labels: { instance }, value }];
    });
  const passed = (certificates: readonly Certificate[]) => certificates.find(({ verdict }) => verdict === 'PASS');
  return [
    gauge(
      'ceres_drill_timestamp_seconds',
      'When the last drill began.',
      each(([last]) => last && secondsOf(last.began)),
    ),
    gauge(
      'ceres_drill_passed',
      '1 if the last drill passed.',
      each(([last]) => last && Number(last.verdict === 'PASS')),
    ),
    gauge(
      'ceres_drill_passed_timestamp_seconds',
      'When the last drill began that passed; 0 if none of the last 30 has.',
      each((certificates) => {
        const last = passed(certificates);
        return last === undefined ? 0 : secondsOf(last.began);
      }),
    ),
    gauge(
      'ceres_drill_recovery_seconds',
      'How long it took to have the data back, in the last drill that passed.',
      each((certificates) => passed(certificates)?.recovery.seconds ?? undefined),
    ),
    gauge(
      'ceres_drill_refused_certificates',
      'Certificates that are not to be believed.',
      [...drills].map(([instance, { refused }]) => ({ labels: { instance }, value: refused.length })),
    ),
  ];
}

function secondsOf(time: string): number {
  return Date.parse(time) / 1_000;
}
