import { always, incompleteSummary, type Threshold } from './thresholds';

const a = [{ instance: 'a' }];
const [critical, warning] = ['critical', 'warning'] as const;
const watchAlarms = (instance: string, kind: string) => `ceres_watch_alarms{instance="${instance}",kind="${kind}"}`;
const damageKinds = ['missing', 'different', 'extra', 'changed-type', 'absent-policy'];
const backupKinds = ['lost', 'no-ledger', 'gzip-damaged', 'unreadable', 'gap'];

/** What each alert waits for that a watch raises, and how long. */
export const watchThresholds: readonly Threshold[] = [
  {
    alert: 'CeresDatabaseDamaged',
    when: 'a watch found damage of any kind; it is one alert, not one for each kind',
    series: {
      ...Object.fromEntries(damageKinds.map((kind) => [watchAlarms(kind, kind), '_x5 1x400'])),
      [watchAlarms('a', 'all')]: '0x4 2x400',
      [watchAlarms('a', 'missing')]: '_x5 1x400',
      [watchAlarms('a', 'extra')]: '_x5 1x400',
      'ceres_watch_pending{instance="a"}': always(5),
    },
    silentAt: 4,
    firesAt: 5,
    severity: critical,
    labels: [...a, ...damageKinds.map((instance) => ({ instance }))],
    summary: 'The database of INSTANCE is not what its backup says',
  },
  {
    alert: 'CeresDatabaseDamaged',
    when: 'a watch has alarms, and none is about the database',
    series: Object.fromEntries(
      ['all', 'overdue', 'lost', 'late', 'silent', 'no-ledger', 'gzip-damaged'].map((kind) => [
        watchAlarms('a', kind),
        always(1),
      ]),
    ),
    silentAt: 100,
  },
  {
    alert: 'CeresWatchOverdue',
    when: 'something was not compared in time, and nothing else is wrong',
    series: { [watchAlarms('a', 'overdue')]: always(1), [watchAlarms('b', 'missing')]: always(1) },
    silentAt: 59,
    firesAt: 60,
    severity: warning,
    labels: [{ instance: 'a', kind: 'overdue' }],
    summary: 'A part of what a holds was not compared in time',
  },
  {
    alert: 'CeresBackupIncomplete',
    when: 'only a watch looks at the backup, and found files that are lost or damaged',
    series: {
      ...Object.fromEntries(backupKinds.map((kind) => [watchAlarms(kind, kind), always(1)])),
      ...Object.fromEntries(
        [...damageKinds, 'all', 'overdue', 'silent', 'late'].map((kind) => [watchAlarms('none', kind), always(1)]),
      ),
    },
    silentAt: 14,
    firesAt: 15,
    severity: critical,
    labels: backupKinds.map((instance) => ({ instance })),
    summary: incompleteSummary,
  },
  {
    alert: 'CeresBackupIncomplete',
    when: 'a watch found a file lost that is there again, as newer metrics say',
    series: {
      [watchAlarms('a', 'lost')]: always(1),
      'ceres_backup_findings{instance="a",kind="lost"}': always(0),
    },
    silentAt: 100,
  },
  {
    alert: 'CeresSinkSilent',
    when: 'only a watch looks at the backup',
    series: { [watchAlarms('a', 'silent')]: always(1) },
    silentAt: 9,
    firesAt: 10,
    severity: critical,
    labels: [{ instance: 'a', kind: 'silent' }],
    summary: 'A sink of a does not say anything',
  },
  {
    alert: 'CeresSpoolStuck',
    when: 'only a watch looks at the backup',
    series: { [watchAlarms('a', 'late')]: always(1) },
    silentAt: 14,
    firesAt: 15,
    severity: warning,
    labels: [{ instance: 'a', kind: 'late' }],
    summary: 'Files of a wait in a spool, and are not in the backup',
  },
  {
    alert: 'CeresWatchBlind',
    when: 'a watch cannot look',
    series: { 'ceres_watch_up{instance="a"}': always(0) },
    silentAt: 59,
    firesAt: 60,
    severity: warning,
    labels: a,
    summary: 'The watch of a cannot look',
  },
  {
    alert: 'CeresWatchStopped',
    when: 'a watch has not run for six hours',
    series: {
      'ceres_watch_last_run_timestamp_seconds{instance="a"}': always(0),
      'ceres_watch_compared_since_timestamp_seconds{instance="a",database="db"}': '0+60x400',
    },
    silentAt: 365,
    firesAt: 366,
    severity: warning,
    labels: a,
    summary: 'The watch of a has not run for 6h 6m 0s',
  },
];
