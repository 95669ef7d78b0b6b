import { systemClock } from '@ceres/internal';
import {
  type KeyParts,
  type LedgerFinding,
  type LedgerSurvey,
  type ObjectInfo,
  type ObjectReader,
  surveyLedgers,
} from '@ceres/storage';
import { asStorageFault } from '../errors';
import { check } from '../options/checks';
import { checkKeepMs } from '../options/selection';
import { fetchHeader } from '../plan/headers';
import { compareText } from '../plan/order';
import { unknownInstance } from '../plan/unmatched';
import { SequenceGaps } from '../read/sequence-gaps';
import { PartitionTally } from './partition-tally';
import type { BackupStatus, InstanceStatus, StatusOptions } from './types';

const optionNames = ['storage', 'instance', 'keepMs', 'retired', 'accept', 'signal'];
/** How many headers are read concurrently. */
const headersAtOnce = 16;

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
  const { storage, instance, keepMs, retired = [], signal } = resolved(options);
  const tallies = new Map<string, InstanceTally>();
  const tallyOf = (name: string) => {
    const tally = tallies.get(name) ?? new InstanceTally(storage, signal);
    tallies.set(name, tally);
    return tally;
  };
  let survey: LedgerSurvey;
  try {
    survey = await surveyLedgers(storage, {
      instance,
      nowMs: systemClock.now(),
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
        tally.partitions.addListed(info, parts, vouching === 'unvouched');
        if (vouching !== 'named') await tally.readHeader(info, parts);
      },
      retry: { signal },
    });
    for (const tally of tallies.values()) await tally.headersRead();
  } catch (error) {
    throw asStorageFault(error, 'Reading the ledgers of the backup');
  }
  for (const { instance: name } of survey.sinks) tallyOf(name);
  for (const finding of survey.findings) tallyOf(instanceOf(finding));
  if (instance !== undefined && tallies.size === 0) throw await unknownInstance({ storage, instance, signal });
  const names = [...tallies.keys()].sort(compareText);
  const instances = names.map((name) => instanceStatus(name, tallyOf(name), survey, options));
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
  check.signal(options.signal);
  return options;
}

/** Collects what is known of one instance while the listing goes by. */
class InstanceTally {
  readonly partitions = new PartitionTally();
  readonly sequences = new SequenceGaps();
  readonly #storage: ObjectReader;
  readonly #signal: AbortSignal | undefined;
  readonly #reading = new Set<Promise<void>>();
  #fault: { readonly error: unknown } | undefined;

  constructor(storage: ObjectReader, signal: AbortSignal | undefined) {
    this.#storage = storage;
    this.#signal = signal;
  }

  /** Begins to read the header of a file that no ledger names; resolves when there is room for another. */
  async readHeader({ key }: ObjectInfo, parts: KeyParts): Promise<void> {
    const reading = fetchHeader(this.#storage, key, this.#signal).then((fetched) => {
      if (fetched === undefined) return;
      this.partitions.addRead(fetched.header, parts);
      this.sequences.add(fetched.header);
    });
    const settled = reading
      .catch((error: unknown) => {
        this.#fault ??= { error }; // kept until somebody waits: until then, a rejection would end the process
      })
      .finally(() => this.#reading.delete(settled));
    this.#reading.add(settled);
    if (this.#reading.size >= headersAtOnce) await Promise.race(this.#reading);
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  /** Resolves when all headers are read. @throws StorageError, if one could not be */
  async headersRead(): Promise<void> {
    await Promise.all(this.#reading);
    if (this.#fault !== undefined) throw this.#fault.error;
  }
}

function instanceOf(finding: LedgerFinding): string {
  return 'partition' in finding ? finding.partition.instance : finding.instance;
}

function instanceStatus(
  instance: string,
  { partitions, sequences }: InstanceTally,
  survey: LedgerSurvey,
  { accept = [], retired = [] }: StatusOptions,
): InstanceStatus {
  const isAccepted = ({ name }: { readonly name: string }) => accept.includes(name);
  const sinks = survey.sinks.filter((sink) => sink.instance === instance);
  const all = survey.findings.filter((finding) => instanceOf(finding) === instance);
  const findings = all.filter((finding) => !isAccepted(finding));
  const sequenceGaps = sequences
    .gaps()
    .map(({ finding }) => finding)
    .filter((finding) => !isAccepted(finding));
  const hasLedger = sinks.length > 0;
  const living = sinks.filter(({ sink, isClosed }) => !isClosed && !retired.includes(sink));
  const storedUpToMs =
    living.length > 0
      ? Math.min(...living.map((sink) => sink.storedUpToMs))
      : Math.max(...sinks.map((sink) => sink.storedUpToMs));
  return {
    instance,
    isGood: hasLedger && findings.length === 0 && sequenceGaps.length === 0,
    ...(hasLedger && { storedUpToMs }),
    hasLedger,
    partitions: partitions.partitions(),
    sinks,
    findings,
    accepted: all.filter(isAccepted),
    sequenceGaps,
  };
}

function unusedOf({ accept = [], retired = [] }: StatusOptions, { findings, sinks }: LedgerSurvey): string[] {
  const names = new Set(findings.map(({ name }) => name));
  const ids = new Set(sinks.map(({ sink }) => sink));
  return [...accept.filter((name) => !names.has(name)), ...retired.filter((id) => !ids.has(id))];
}
