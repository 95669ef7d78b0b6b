/** The alert about a series, and when it may fire. */
export interface Threshold {
  readonly alert: string;
  /** What happens, in words. */
  readonly when: string;
  /** Samples a minute apart, from the minute 0. */
  readonly series: Readonly<Record<string, string>>;
  /** The last minute at which it must be silent, and the first at which it must fire; `undefined` if it never does. */
  readonly silentAt: number;
  readonly firesAt?: number;
  /** Silent again at this minute. */
  readonly overAt?: number;
  readonly severity?: 'critical' | 'warning';
  /** What each alert is about: its labels beside the severity. */
  readonly labels?: readonly Readonly<Record<string, string>>[];
  readonly summary?: string;
}

/** Returns a series that does not change. */
export const always = (value: number): string => `${value}x400`;
const a = [{ instance: 'a' }];
const [critical, warning] = ['critical', 'warning'] as const;
const findings = (kind: string) => ({ [`ceres_backup_findings{instance="a",kind="${kind}"}`]: always(1) });
/** What the alert about a backup that lacks files says. */
export const incompleteSummary: string =
  'The backup of INSTANCE lacks files or has damaged ones, or nothing vouches for some of them';
const openSink = { 'ceres_backup_sinks{instance="a",state="open"}': always(1) };
const storedOfA = 'ceres_backup_stored_up_to_timestamp_seconds{instance="a"}';
const ofB = 'ceres_backup_stored_up_to_timestamp_seconds{instance="b"}';
const ofC = 'ceres_backup_stored_up_to_timestamp_seconds{instance="c"}';
const twoWeeks = 14 * 86_400;

/** What each alert waits for, and how long. The clock of promtool begins at 0. */
export const thresholds: readonly Threshold[] = [
  {
    alert: 'CeresSinkSilent',
    when: 'a sink is silent',
    series: findings('silent'),
    silentAt: 9,
    firesAt: 10,
    severity: critical,
    labels: [{ instance: 'a', kind: 'silent' }],
    summary: 'A sink of a does not say anything',
  },
  {
    alert: 'CeresSpoolStuck',
    when: 'files wait in a spool',
    series: findings('late'),
    silentAt: 14,
    firesAt: 15,
    severity: warning,
    labels: [{ instance: 'a', kind: 'late' }],
    summary: 'Files of a wait in a spool, and are not in the backup',
  },
  {
    alert: 'CeresDataAtRisk',
    when: 'nothing was stored for an hour by an open sink',
    series: {
      [storedOfA]: always(0),
      ...openSink,
      [ofB]: always(0),
      [ofC]: always(0),
      'ceres_backup_heartbeat_timestamp_seconds{instance="a"}': '0+60x400',
      'ceres_backup_sinks{instance="b",state="open"}': always(0),
      'ceres_backup_sinks{instance="b",state="closed"}': always(1),
    },
    silentAt: 65,
    firesAt: 66,
    severity: critical,
    labels: a,
    summary: 'What a got in the last 1h 6m 0s may not be in the backup',
  },
  {
    alert: 'CeresBackupNotGood',
    when: 'it is not good',
    series: { 'ceres_backup_good{instance="a"}': always(0) },
    silentAt: 59,
    firesAt: 60,
    severity: warning,
    labels: a,
    summary: 'The backup of a is not good',
  },
  {
    alert: 'CeresDrillFailed',
    when: 'the last drill failed',
    series: { 'ceres_drill_passed{instance="a"}': '1x4 0x9', 'ceres_drill_passed{instance="b"}': always(1) },
    silentAt: 4,
    firesAt: 5,
    severity: critical,
    labels: a,
    summary: 'The last drill of a did not pass',
  },
  {
    alert: 'CeresDrillOverdue',
    when: 'the last PASS is two weeks old, whatever came after it',
    series: {
      'ceres_drill_passed_timestamp_seconds{instance="a"}': always(600 - twoWeeks),
      'ceres_drill_timestamp_seconds{instance="a"}': always(0),
    },
    silentAt: 70,
    firesAt: 71,
    severity: warning,
    labels: a,
    summary: 'No drill of a has passed for two weeks',
  },
  {
    alert: 'CeresMetricsStale',
    when: 'no one has looked for half an hour',
    series: { ceres_metrics_timestamp_seconds: always(0) },
    silentAt: 35,
    firesAt: 36,
    severity: warning,
    labels: [{}],
    summary: 'No one has looked at the backup for 36m 0s',
  },
  {
    alert: 'CeresMetricsAbsent',
    when: 'there are metrics of something else only',
    series: { 'ceres_backup_good{instance="a"}': always(1) },
    silentAt: 14,
    firesAt: 15,
    severity: warning,
    labels: [{}],
    summary: 'Prometheus has no metrics of a backup',
  },
  {
    alert: 'CeresMetricsAbsent',
    when: 'a backup has no instance yet',
    series: { ceres_metrics_timestamp_seconds: '0+60x400' },
    silentAt: 100,
  },
  {
    alert: 'CeresSinkRefused',
    when: 'the storage refuses files',
    series: { 'ceres_sink_parked_files{instance="a"}': always(1) },
    silentAt: 9,
    firesAt: 10,
    severity: critical,
    labels: a,
    summary: 'The storage refuses files of a sink for good (1)',
  },
  {
    alert: 'CeresSinkRefused',
    when: 'the storage has taken what it had refused',
    series: {
      'ceres_sink_refusals_total{instance="a"}': always(7),
      'ceres_sink_parked_files{instance="a"}': always(0),
      'ceres_sink_unstored_files{instance="a"}': always(3),
    },
    silentAt: 100,
  },
  {
    alert: 'CeresSinkBehind',
    when: 'a sink could not store for more than half an hour',
    series: {
      'ceres_sink_oldest_unstored_seconds{instance="a"}': always(1_801),
      'ceres_sink_oldest_unstored_seconds{instance="b"}': always(1_800),
    },
    silentAt: 4,
    firesAt: 5,
    severity: warning,
    labels: a,
    summary: 'A sink could not store for 30m 1s',
  },
  {
    alert: 'CeresSpoolFull',
    when: 'a spool became full, and this is a while ago',
    series: { 'ceres_sink_full_total{instance="a"}': '3x9 4x400' },
    silentAt: 9,
    firesAt: 10,
    overAt: 26,
    severity: critical,
    labels: a,
    summary: 'The spool of a sink is full, and writes wait or are rejected',
  },
  {
    alert: 'CeresSpoolDisk',
    when: 'the disk of a spool failed, and this is a while ago',
    series: { 'ceres_sink_disk_failures_total{instance="a"}': '3x9 4x400' },
    silentAt: 9,
    firesAt: 10,
    overAt: 26,
    severity: critical,
    labels: a,
    summary: 'The disk of a spool failed',
  },
  {
    alert: 'CeresSpoolTaken',
    when: 'another sink owns the spool',
    series: { 'ceres_sink_lost{instance="a"}': '0x4 1x400' },
    silentAt: 4,
    firesAt: 5,
    severity: critical,
    labels: a,
    summary: 'Another sink owns the spool of this one, which acks nothing',
  },
];

/** Returns what it takes for the alert about a backup that lacks files: each of these kinds, alone, of an instance of that name. */
export function incomplete(kinds: readonly string[]): Threshold {
  const quiet = ['silent', 'late'];
  return {
    alert: 'CeresBackupIncomplete',
    when: 'there is a finding of any kind, but those of a sink that has its own alert',
    series: {
      ...Object.fromEntries(
        kinds.map((kind) => [`ceres_backup_findings{instance="${kind}",kind="${kind}"}`, always(1)]),
      ),
      'ceres_backup_findings{instance="none",kind="lost"}': always(0),
    },
    silentAt: 14,
    firesAt: 15,
    severity: critical,
    labels: kinds.filter((kind) => !quiet.includes(kind)).map((instance) => ({ instance })),
    summary: incompleteSummary,
  };
}
