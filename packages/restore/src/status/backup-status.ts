import { systemClock } from '@ceres/internal';
import { type LedgerSurvey, surveyLedgers } from '@ceres/storage';
import { asStorageFault } from '../errors';
import { check } from '../options/checks';
import { checkKeepMs } from '../options/selection';
import { compareText } from '../plan/order';
import { seedHeaderCheck } from '../plan/seeds';
import { unknownInstance } from '../plan/unmatched';
import { instanceOf, instanceStatuses } from './instance-status';
import { InstanceTally } from './instance-tally';
import type { BackupStatus, StatusOptions } from './types';

const optionNames = ['storage', 'instance', 'keepMs', 'retired', 'accept', 'activity', 'signal'];

/**
 * Says whether a backup is there, up to when, and what of it is missing: from its ledgers, from the names and sizes of its files, and from
 * the headers of files that no ledger names. Reads no file whole, and writes nothing.
 *
 * @example
 * ```ts
 * import { backupStatus } from '@ceres/restore';
 * import { describeFinding, LocalStorage } from '@ceres/storage';
 *
 * const { isGood, instances } = await backupStatus({ storage: new LocalStorage('/var/backups/influx') });
 * for (const { findings } of instances) console.log(isGood, findings.map(describeFinding));
 * ```
 * @throws RestoreError `INVALID_OPTIONS` or `STORAGE`; `NO_FILES` for an `instance` that the backup has nothing of
 */
export async function backupStatus(options: StatusOptions): Promise<BackupStatus> {
  const { storage, instance, keepMs, retired = [], activity = false, signal } = resolved(options);
  const nowMs = systemClock.now();
  const tallies = new Map<string, InstanceTally>();
  const tallyOf = (name: string) => {
    const tally = tallies.get(name) ?? new InstanceTally(storage, signal, activity ? nowMs : undefined);
    tallies.set(name, tally);
    return tally;
  };
  let survey: LedgerSurvey;
  try {
    survey = await surveyLedgers(storage, {
      instance,
      nowMs,
      keepMs,
      retired: new Set(retired),
      countNamed: () => {
        for (const tally of tallies.values()) tally.partitions.forgetNamed();
        return (file, parts) => {
          if (!parts.quarantine) tallyOf(parts.instance).partitions.addNamed(file, parts);
        };
      },
      listed: async (info, parts, vouching) => {
        if (parts.quarantine) return;
        const tally = tallyOf(parts.instance);
        if (vouching === 'unfinished') return;
        tally.partitions.addListed(info, parts, vouching);
        if (vouching !== 'named' && vouching !== 'seed') await tally.readHeader(info, parts);
      },
      hasSeedHeader: seedHeaderCheck({ storage, signal }),
      retry: { signal },
    });
    for (const tally of tallies.values()) await tally.headersRead();
  } catch (error) {
    throw asStorageFault(error, 'Reading the ledgers of the backup');
  }
  for (const { instance: name } of survey.sinks) tallyOf(name);
  for (const finding of survey.findings) tallyOf(instanceOf(finding));
  for (const { manifest } of survey.seeds.seeds) tallyOf(manifest.instance);
  if (instance !== undefined && tallies.size === 0) throw await unknownInstance({ storage, instance, signal });
  const names = [...tallies.keys()].sort(compareText);
  const instances = instanceStatuses(names, tallyOf, survey, options);
  return {
    isGood: instances.length > 0 && instances.every(({ isGood }) => isGood),
    instances,
    skippedNames: survey.skippedNames,
    unused: unusedOf(options, survey),
  };
}

function resolved(options: StatusOptions): StatusOptions {
  check.names('backupStatus()', options, optionNames);
  check.methods('storage', options.storage, ['list', 'get'], "new LocalStorage('/var/backups/influx')");
  if (options.instance !== undefined) check.text('instance', options.instance, 'influxdb-0');
  checkKeepMs(options.keepMs);
  if (options.activity !== undefined) check.flag('activity', options.activity);
  check.signal(options.signal);
  return options;
}

function unusedOf({ accept = [], retired = [] }: StatusOptions, { findings, sinks }: LedgerSurvey): string[] {
  const names = new Set(findings.map(({ name }) => name));
  const ids = new Set(sinks.map(({ sink }) => sink));
  return [...accept.filter((name) => !names.has(name)), ...retired.filter((id) => !ids.has(id))];
}
