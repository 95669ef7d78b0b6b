import { type Metric, metricsText, systemClock } from '@ceres/internal';
import { backupStatus, type InstanceStatus } from '@ceres/restore';
import type { LedgerFinding, ObjectReader } from '@ceres/storage';
import { readCertificates } from '../certificate/read-certificates';
import { check } from '../errors';
import { drillMetrics, drillsRead } from './drill-metrics';
import { gauge, type Sample } from './gauge';

/** Says which backup to measure, and what of it is known already. */
export interface MetricsOptions {
  /** The backup. A credential that lists and gets is enough. */
  readonly storage: ObjectReader;
  /** Only this instance. Default: every one that has a file or a ledger. */
  readonly instance?: string;
  /** Has the certificates of drills. Default: the backup itself. */
  readonly certificates?: ObjectReader;
  /** Lifecycle rules delete files after this time, in ms: older ones are not missed. Default: files never expire. */
  readonly keepMs?: number;
  /** The ids of sinks that are gone for good: they are not silent. */
  readonly retired?: readonly string[];
  /** The names of findings that are known and speak no longer against the backup. */
  readonly accept?: readonly string[];
  readonly signal?: AbortSignal;
}

const names = [
  'storage',
  'instance',
  'certificates',
  'keepMs',
  'retired',
  'accept',
  'signal',
] as const satisfies readonly (keyof MetricsOptions)[];

/** More instances have no metrics of their own; those that need attention come first. */
const instancesMax = 100;
/** The databases of an instance that have metrics of their own, at most: the others are summed up. */
const databasesMax = 100;

const kinds: readonly (LedgerFinding['kind'] | 'sequence-gap')[] = [
  'lost',
  'resized',
  'late',
  'silent',
  'unvouched',
  'ledger-gap',
  'untrusted',
  'unnamed',
  'unfinished-seed',
  'sequence-gap',
];

/**
 * Measures a backup for Prometheus: what `backupStatus` says, how late its sinks are, what they hold back, and the last drill. Reads names, ledgers
 * and certificates, and writes nothing. The number of samples has a bound, whatever the backup holds.
 *
 * @example
 * ```ts
 * import { createMetrics } from '@ceres/drill';
 * import { LocalStorage } from '@ceres/storage';
 *
 * console.log(await createMetrics({ storage: new LocalStorage('/var/backups/influx') }));
 * ```
 * @returns the text format of Prometheus
 * @throws DrillError `INVALID_OPTIONS`; RestoreError `STORAGE`, or `NO_FILES` for an `instance` that the backup has nothing of; StorageError
 */
export async function createMetrics(options: MetricsOptions): Promise<string> {
  check.names('createMetrics()', options, names);
  const { storage, instance, certificates = storage, keepMs, retired, accept, signal } = options;
  check.methods('certificates', certificates, ['list', 'get'], "new LocalStorage('/var/lib/ceres/drills')");
  const { instances } = await backupStatus({
    storage,
    ...(instance !== undefined && { instance }),
    ...(keepMs !== undefined && { keepMs }),
    ...(retired && { retired }),
    ...(accept && { accept }),
    ...(signal && { signal }),
  });
  const shown = instances.toSorted((a, b) => Number(a.isGood) - Number(b.isGood)).slice(0, instancesMax);
  const drills = new Map<string, Awaited<ReturnType<typeof readCertificates>>>();
  for (const one of shown) {
    drills.set(one.instance, await readCertificates(certificates, one.instance, { newest: drillsRead, signal }));
  }
  return metricsText([
    gauge('ceres_metrics_timestamp_seconds', 'When the backup was looked at.', [
      { labels: {}, value: systemClock.now() / 1_000 },
    ]),
    gauge('ceres_backup_instances', 'The instances that the backup has.', [{ labels: {}, value: instances.length }]),
    ...statusMetrics(shown),
    ...sinkMetrics(shown),
    ...drillMetrics(drills),
  ]);
}

function statusMetrics(instances: readonly InstanceStatus[]): Metric[] {
  const each = (of: (status: InstanceStatus) => number | undefined): Sample[] =>
    instances.flatMap((status) => {
      const value = of(status);
      return value === undefined ? [] : [{ labels: { instance: status.instance }, value }];
    });
  const databases = instances.flatMap(ofDatabases);
  return [
    gauge(
      'ceres_backup_good',
      '1 if nothing is missing, and ledgers or a seed vouch for the backup.',
      each(({ isGood }) => Number(isGood)),
    ),
    gauge(
      'ceres_backup_stored_up_to_timestamp_seconds',
      'Everything that living sinks acked before this moment is in the backup.',
      each(({ storedUpToMs }) => storedUpToMs && storedUpToMs / 1_000),
    ),
    gauge(
      'ceres_backup_findings',
      'What is missing, late or not vouched for, by kind.',
      instances.flatMap((status) =>
        kinds.map((kind) => ({ labels: { instance: status.instance, kind }, value: countOf(status, kind) })),
      ),
    ),
    gauge(
      'ceres_backup_files',
      'The files of a database.',
      databases.map(({ labels, files }) => ({ labels, value: files })),
    ),
    gauge(
      'ceres_backup_bytes',
      'The size of its files, compressed.',
      databases.map(({ labels, bytes }) => ({ labels, value: bytes })),
    ),
    gauge(
      'ceres_backup_records',
      'The records in its files.',
      databases.map(({ labels, lines }) => ({ labels, value: lines })),
    ),
  ];
}

function countOf({ findings, sequenceGaps }: InstanceStatus, kind: (typeof kinds)[number]): number {
  return kind === 'sequence-gap' ? sequenceGaps.length : findings.filter((finding) => finding.kind === kind).length;
}

/** Returns what the policies of each database hold together; the smallest databases are summed up. */
function ofDatabases({ instance, partitions }: InstanceStatus) {
  const sums = new Map<string, { files: number; bytes: number; lines: number }>();
  for (const { database, files, bytes, lines } of partitions) {
    const sum = sums.get(database) ?? { files: 0, bytes: 0, lines: 0 };
    sums.set(database, { files: sum.files + files, bytes: sum.bytes + bytes, lines: sum.lines + lines });
  }
  const sorted = [...sums].sort(([, a], [, b]) => b.bytes - a.bytes);
  const named = sorted.slice(0, databasesMax).map(([database, sum]) => ({ labels: { instance, database }, ...sum }));
  const others = sorted.slice(databasesMax).map(([, sum]) => sum);
  if (others.length === 0) return named;
  const total = (of: 'files' | 'bytes' | 'lines') => others.reduce((all, one) => all + one[of], 0);
  const labels = { instance, database: `(${others.length} others)` };
  return [...named, { labels, files: total('files'), bytes: total('bytes'), lines: total('lines') }];
}

function sinkMetrics(instances: readonly InstanceStatus[]): Metric[] {
  const living = ({ sinks }: InstanceStatus) => sinks.filter(({ isClosed }) => !isClosed);
  const labels = ({ instance }: InstanceStatus) => ({ instance });
  return [
    gauge(
      'ceres_backup_sinks',
      'The sinks that keep a ledger, by whether they said that they closed.',
      instances.flatMap((status) => [
        { labels: { ...labels(status), state: 'open' }, value: living(status).length },
        { labels: { ...labels(status), state: 'closed' }, value: status.sinks.length - living(status).length },
      ]),
    ),
    gauge(
      'ceres_backup_heartbeat_timestamp_seconds',
      'The newest heartbeat of the open sink that was silent for longest.',
      instances.flatMap((status) => {
        const last = living(status).reduce((least, { lastMs }) => Math.min(least, lastMs), Infinity);
        return last === Infinity ? [] : [{ labels: labels(status), value: last / 1_000 }];
      }),
    ),
    gauge(
      'ceres_backup_spooled_files',
      'The files in the spools of all sinks, as their newest heartbeats say.',
      instances.flatMap((status) =>
        (['open', 'spooled', 'parked'] as const).map((state) => ({
          labels: { ...labels(status), state },
          value: status.sinks.reduce((sum, sink) => sum + sink[state], 0),
        })),
      ),
    ),
  ];
}
