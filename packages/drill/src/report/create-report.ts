import { systemClock } from '@ceres/internal';
import { backupStatus } from '@ceres/restore';
import type { ObjectReader } from '@ceres/storage';
import { readCertificates } from '../certificate/read-certificates';
import { check } from '../errors';
import { drillsShown } from './drills';
import type { ReportedInstance } from './instance';
import { page } from './page';

/** Says which backup to show, and what of it is known already. */
export interface ReportOptions {
  /** The backup. A credential that lists and gets is enough. */
  readonly storage: ObjectReader;
  /** Only this instance. Default: every one that has a file or a ledger. */
  readonly instance?: string;
  /** Has the certificates of drills. Default: the backup itself. */
  readonly certificates?: ObjectReader;
  /** The backup as the commands on the page name it, such as `gs://my-bucket`. Default: `STORAGE-URL`. */
  readonly backup?: string;
  /** How long it may take to have the data back, in ms (RTO). Default: drills are compared with no goal. */
  readonly goalMs?: number;
  /** Lifecycle rules delete files after this time, in ms: older ones are not missed. Default: files never expire. */
  readonly keepMs?: number;
  /** The ids of sinks that are gone for good: they are not silent. */
  readonly retired?: readonly string[];
  /** The names of findings that are known and speak no longer against the backup. */
  readonly accept?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A page about a backup. */
export interface BackupReport {
  /** One HTML file that asks for nothing from a network and needs no script. */
  readonly html: string;
  /** True if there is an instance, and every one is good. */
  readonly isGood: boolean;
}

const names = [
  'storage',
  'instance',
  'certificates',
  'backup',
  'goalMs',
  'keepMs',
  'retired',
  'accept',
  'signal',
] as const satisfies readonly (keyof ReportOptions)[];

/**
 * Makes a page for people who look rather than read: what of a backup is there and what is missing, day by day; the last drills; the data at risk; and
 * what to do next. Reads names, ledgers and certificates, and writes nothing.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { createReport } from '@ceres/drill';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const backup = '/var/backups/influx';
 * const { html, isGood } = await createReport({ storage: new LocalStorage(backup), backup });
 * writeFileSync('report.html', html);
 * if (!isGood) process.exitCode = 4;
 * ```
 * @throws DrillError `INVALID_OPTIONS`; RestoreError `STORAGE`, or `NO_FILES` for an `instance` that the backup has nothing of; StorageError
 */
export async function createReport(options: ReportOptions): Promise<BackupReport> {
  check.names('createReport()', options, names);
  const { storage, instance, certificates = storage, backup = 'STORAGE-URL', goalMs, signal } = options;
  check.methods('certificates', certificates, ['list', 'get'], "new LocalStorage('/var/lib/ceres/drills')");
  check.text('backup', backup, 'gs://my-bucket');
  if (goalMs !== undefined)
    check.number('goalMs', goalMs, { min: 1, max: Number.MAX_SAFE_INTEGER, unit: 'milliseconds' });
  const { keepMs, retired, accept } = options;
  const status = await backupStatus({
    storage,
    activity: true,
    ...(instance !== undefined && { instance }),
    ...(keepMs !== undefined && { keepMs }),
    ...(retired && { retired }),
    ...(accept && { accept }),
    ...(signal && { signal }),
  });
  const instances: ReportedInstance[] = [];
  for (const one of status.instances) {
    const drills = await readCertificates(certificates, one.instance, { newest: drillsShown, signal });
    instances.push({ status: one, drills });
  }
  return {
    html: page(instances, { backup, nowMs: systemClock.now(), goalMs }).text,
    isGood: status.isGood,
  };
}
