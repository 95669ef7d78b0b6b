import { type Metric, metricsText } from '@ceres/internal';
import { check } from '../options/check';
import type { BackupSink } from '../sink';
import type { SinkEvents } from './reporter';
import type { SinkStats } from './stats';

/** How a sink is measured. */
export interface SinkMetricsOptions {
  /** Labels of every sample, which tell several sinks of a process apart. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** One metric, as the registry of `prom-client` asks for it: `registry.registerMetric(metric as never)`. */
export interface SinkMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly aggregator: 'sum';
  /** Returns what it is now. */
  get(): SinkMetricValues;
  /** Does nothing: a sink counts from when it is measured until it ends. */
  reset(): void;
}

/** A metric and its values of now. */
export interface SinkMetricValues extends Pick<SinkMetric, 'name' | 'help' | 'type' | 'aggregator'> {
  readonly values: readonly { readonly value: number; readonly labels: Readonly<Record<string, string>> }[];
}

/** What a sink measures. */
export interface SinkMetrics {
  /** The type of `text()` for an HTTP header. */
  readonly contentType: string;
  /** Every metric for itself, for a registry. */
  readonly metrics: readonly SinkMetric[];
  /** Returns the values of now in the text format of Prometheus. */
  text(): string;
}

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const labelsMax = 20;

type Counted = 'retry' | 'parked' | 'failed' | 'full' | 'heartbeatFailed' | 'renamed';

/** Events that are counted, by the end of the metric's name. */
const counted: Readonly<Record<Counted, readonly [name: string, help: string]>> = {
  retry: ['retries', 'Attempts to store a file that failed and are repeated.'],
  parked: ['refusals', 'Times that the storage refused a file for good.'],
  failed: ['disk_failures', 'Times that the disk of the spool failed.'],
  full: ['full', 'Times that the spool became full.'],
  heartbeatFailed: ['heartbeat_failures', 'Times that heartbeats began to fail.'],
  renamed: ['renamed_files', 'Files stored under another name, because their own was taken.'],
};

const fromStats: readonly (readonly [
  name: string,
  type: Metric['type'],
  help: string,
  of: (stats: SinkStats) => number,
])[] = [
  ['accepted_lines_total', 'counter', 'Lines that became durable in the spool.', (stats) => stats.acceptedLines],
  ['accepted_bytes_total', 'counter', 'Their bytes.', (stats) => stats.acceptedBytes],
  ['quarantined_lines_total', 'counter', 'Records put in quarantine.', (stats) => stats.quarantinedLines],
  ['stored_files_total', 'counter', 'Files that the storage has.', (stats) => stats.storedFiles],
  ['spooled_bytes', 'gauge', 'What the spool holds now.', (stats) => stats.spooledBytes],
  ['unstored_files', 'gauge', 'Files in the spool that the storage does not have.', (stats) => stats.unstoredFiles],
  ['parked_files', 'gauge', 'Files that the storage refuses for good.', (stats) => stats.parkedFiles],
  [
    'oldest_unstored_seconds',
    'gauge',
    'The age of the oldest acked line that is not stored: the data at risk.',
    (stats) => stats.oldestUnstoredMs / 1_000,
  ],
];

/**
 * Measures a sink for Prometheus, from now on: what it holds, and what failed. It needs no other package.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { BackupSink, LocalStorage, sinkMetrics } from '@ceres/backup-sink';
 *
 * const storage = new LocalStorage('/var/backups/influx');
 * const sink = await BackupSink.open({ storage, spoolDir: '/var/spool/ceres', precision: 'ns' });
 * const metrics = sinkMetrics(sink);
 * createServer((_request, response) => {
 *   response.setHeader('content-type', metrics.contentType).end(metrics.text());
 * }).listen(9_464);
 * ```
 * @throws SinkError `INVALID_OPTIONS`
 */
export function sinkMetrics(sink: BackupSink, options: SinkMetricsOptions = {}): SinkMetrics {
  check.methods('sink', sink, ['stats', 'on'], 'await BackupSink.open({ … })');
  check.names('sinkMetrics()', options, ['labels']);
  const labels = checkedLabels(options.labels === undefined ? {} : options.labels);
  const counts = new Map<Counted, number>();
  let lastStoredMs: number | undefined;
  let isLost = 0;
  for (const event of Object.keys(counted) as Counted[]) {
    sink.on(event as keyof SinkEvents, () => counts.set(event, (counts.get(event) ?? 0) + 1));
  }
  sink.on('stored', () => {
    lastStoredMs = Date.now();
  });
  sink.on('lost', () => {
    isLost = 1;
  });
  const own = (name: string, type: Metric['type'], help: string, of: () => number | undefined) =>
    metricOf({ name: `ceres_sink_${name}`, type, help, labels, of });
  const metrics = [
    ...fromStats.map(([name, type, help, of]) => own(name, type, help, () => of(sink.stats()))),
    ...(Object.keys(counted) as Counted[]).map((event) => {
      const [name, help] = counted[event];
      return own(`${name}_total`, 'counter', help, () => counts.get(event) ?? 0);
    }),
    own('stored_timestamp_seconds', 'gauge', 'When the last file was stored; absent until then.', () =>
      lastStoredMs === undefined ? undefined : lastStoredMs / 1_000,
    ),
    own('lost', 'gauge', '1 once another sink owns the spool: this one acks nothing.', () => isLost),
  ];
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    metrics,
    text: () =>
      metricsText(
        metrics.map((metric) => {
          const { name, help, type, values } = metric.get();
          return { name, help, type, samples: values };
        }),
      ),
  };
}

interface Measured extends Pick<SinkMetric, 'name' | 'help' | 'type'> {
  readonly labels: Readonly<Record<string, string>>;
  readonly of: () => number | undefined;
}

function metricOf({ name, help, type, labels, of }: Measured): SinkMetric {
  const said = { name, help, type, aggregator: 'sum' } as const;
  return {
    ...said,
    get: () => {
      const value = of();
      return { ...said, values: value === undefined ? [] : [{ value, labels }] };
    },
    reset: () => undefined,
  };
}

function checkedLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  check.that(typeof labels === 'object' && labels !== null, 'labels', 'an object of labels', labels);
  const entries = Object.entries(labels);
  check.that(entries.length <= labelsMax, 'labels', `at most ${labelsMax} labels`, entries.length);
  for (const [name, value] of entries) {
    const isGood = labelName.test(name) && !name.startsWith('__') && typeof value === 'string';
    check.that(isGood, `labels.${name}`, 'a text under the name of a label, such as { sink: "ingest-1" }', value);
  }
  return Object.freeze({ ...labels });
}
