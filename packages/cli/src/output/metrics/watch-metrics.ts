import { type Metric, metricsText } from '@ceres/internal';
import type { WatchAlarmKind, WatchReport } from '@ceres/restore';

/** A run that ended with an error. */
export interface FailedRun {
  readonly instance: string;
  readonly failedMs: number;
}

/** The databases that have metrics of their own, at most: the others are summed up. */
const databasesMax = 100;

/** Returns what a run of a watch says, as Prometheus reads it. */
export function watchMetrics(report: WatchReport | FailedRun): string {
  const { instance } = report;
  if ('failedMs' in report) return metricsText([up({ instance }, 0), lastRun({ instance }, report.failedMs)]);
  const { alarms, pending, unjudged, points, coverage, startedMs, endedMs, periodMs, storedUpToMs } = report;
  const labels = { instance };
  const kinds = new Map<WatchAlarmKind, number>();
  for (const { kind } of alarms) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const oldest = [...coverage].sort((a, b) => (a.comparedSinceMs ?? 0) - (b.comparedSinceMs ?? 0));
  return metricsText([
    up(labels, unjudged.some(({ values }) => values === undefined) ? 0 : 1),
    lastRun(labels, endedMs),
    metric('ceres_watch_duration_seconds', 'How long the last run took.', labels, (endedMs - startedMs) / 1_000),
    metric('ceres_watch_period_seconds', 'Everything is compared once in this time.', labels, periodMs / 1_000),
    {
      name: 'ceres_watch_alarms',
      help: 'The alarms of the last run by kind; `all` counts all.',
      type: 'gauge',
      samples: [
        { labels: { ...labels, kind: 'all' }, value: alarms.length },
        ...[...kinds].map(([kind, value]) => ({ labels: { ...labels, kind }, value })),
      ],
    },
    metric('ceres_watch_pending', 'What is an alarm if it lasts longer than the grace.', labels, pending.length),
    metric('ceres_watch_unjudged', 'What the last run could not judge.', labels, unjudged.length),
    metric('ceres_watch_points_compared', 'The points that the last run compared.', labels, points),
    {
      name: 'ceres_watch_compared_since_timestamp_seconds',
      help: 'Everything in the database was compared after this moment; 0 if something never was.',
      type: 'gauge',
      samples: oldest.slice(0, databasesMax).map(({ database, comparedSinceMs = 0 }) => ({
        labels: { ...labels, database },
        value: comparedSinceMs / 1_000,
      })),
    },
    ...(storedUpToMs === undefined
      ? []
      : [
          metric(
            'ceres_watch_stored_up_to_timestamp_seconds',
            'Everything that living sinks acked before this moment is in the backup.',
            labels,
            storedUpToMs / 1_000,
          ),
        ]),
  ]);
}

/** Values that differ and may be on their way do not count: they were compared, and the next run looks again. */
function up(labels: Metric['samples'][number]['labels'], value: number): Metric {
  return metric('ceres_watch_up', '1 if the last run could compare everything that was due.', labels, value);
}

function lastRun(labels: Metric['samples'][number]['labels'], ms: number): Metric {
  return metric('ceres_watch_last_run_timestamp_seconds', 'When the last run ended.', labels, ms / 1_000);
}

function metric(name: string, help: string, labels: Metric['samples'][number]['labels'], value: number): Metric {
  return { name, help, type: 'gauge', samples: [{ labels, value }] };
}
