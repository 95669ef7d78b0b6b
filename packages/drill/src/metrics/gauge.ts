import type { Metric } from '@ceres/internal';

/** One value of a metric. */
export type Sample = Metric['samples'][number];

/** Returns a metric whose value goes up and down. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples };
}
