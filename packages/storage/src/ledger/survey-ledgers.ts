import type { ObjectInfo, ObjectReader } from '../contract';
import type { PendingFile } from '../heartbeat/contents';
import { formatPrefix, type KeyParts, parseKey } from '../keys/format-key';
import { openedMsIn } from '../keys/opened-ms';
import { listObjects } from '../retry/list-objects';
import type { RetryOptions } from '../retry/retry';
import { SeedIndex } from '../seed/seed-index';
import { mayBeSeedId } from '../seed/seed-key';
import { UnfinishedSeeds } from '../seed/unfinished-seeds';
import type { LedgerFinding, LostFiles } from './findings';
import { KeyTable } from './key-table';
import { type CountNamed, NamedKeys } from './read/named-keys';
import { readLedgers } from './read/read-ledgers';
import type { SinkState } from './read/sink-ledger';
import { SeedLosses } from './seed-losses';
import { findingsOf } from './sink-findings';
import { Expectations, isNew, Unvouched } from './unvouched';

/** Says what a ledger says of a file that the storage holds. */
export type Vouching =
  | 'named' // a ledger names it as stored
  | 'pending' // a ledger names it, and its sink was still about to store it
  | 'seed' // the manifest of a seed names it
  | 'unfinished' // it is of a seed, and no manifest names it: Ceres leaves it out
  | 'young' // it was stored after the newest heartbeat of a sink, whose next one may name it
  | 'unvouched'; // no ledger names it, although one should, or there is none

export interface LedgerSurveyOptions {
  /** Only this instance. Default: all. */
  readonly instance?: string | undefined;
  /** The time now, in ms since the epoch. */
  readonly nowMs: number;
  /** Files that are not selected are neither missed nor counted. Default: all files count. */
  readonly select?: (file: KeyParts) => boolean;
  /** Lifecycle rules delete files after this time, in ms: older ones are not missed. Default: files never expire. */
  readonly keepMs?: number | undefined;
  /** The ids of sinks that are gone for good, and known to be: they are not silent. */
  readonly retired?: ReadonlySet<string> | undefined;
  /** Is called for each backup file that the storage holds. */
  readonly listed?: (file: ObjectInfo, parts: KeyParts, vouching: Vouching) => void | Promise<void>;
  /** Begins a count of the files that ledgers name, and that the storage holds. A count that turns out wrong is followed by another. */
  readonly countNamed?: () => CountNamed;
  /** The seeds of the instance, or of all. Default: they are read. */
  readonly seeds?: SeedIndex | undefined;
  /** Returns whether the header of a file says that it is of a seed. Called where the name leaves it open. Default: it is not. */
  readonly hasSeedHeader?: (file: ObjectInfo) => Promise<boolean>;
  /** `'for ledgers'` lists no file of a backup without a ledger and a seed: nothing is missed there. Default: `'always'`. */
  readonly listFiles?: 'always' | 'for ledgers';
  readonly retry?: RetryOptions;
}

/** The files that are held back until ledgers are read once more. Where a clock goes wrong, every file may look new. */
const newcomersMax = 1_000;

/** What a bucket alone tells of its completeness. */
export interface LedgerSurvey {
  readonly sinks: readonly SinkState[];
  readonly findings: readonly LedgerFinding[];
  /** Lost files that a seed has made up for. */
  readonly closed: readonly LostFiles[];
  /** The keys of those that ledgers of sinks name. */
  readonly closedKeys: readonly string[];
  readonly seeds: SeedIndex;
  /** The instances whose files no ledger names at all. */
  readonly withoutLedger: readonly string[];
  /** How many listed names are not names of backup files. */
  readonly skippedNames: number;
}

/**
 * Compares what the ledgers of a backup say with what the storage holds. Reads the heartbeats, and the names and sizes of files; a million files
 * take some 40 MB. Heartbeats are read before files are listed, so that a file that is stored at the same time is not missed; where a
 * file of the last minutes is named by none of them, they are read once more, since its sink may have begun in between.
 *
 * @throws StorageError once retrying has not helped
 */
export async function surveyLedgers(reader: ObjectReader, options: LedgerSurveyOptions): Promise<LedgerSurvey> {
  const { instance, retry = {}, retired = new Set<string>() } = options;
  const seeds = options.seeds ?? (await SeedIndex.read(reader, instance, retry));
  const named = new NamedKeys({ ...options, isClosed: (lost) => seeds.closerOf(lost) !== undefined });
  const ofSeeds = new SeedLosses(seeds, options.select);
  const unfinished = new UnfinishedSeeds(seeds);
  const pending = new KeyTable();
  const { sinks, untrusted } = await readLedgers(
    reader,
    instance,
    {
      named: (file, heartbeat) => named.add(file, heartbeat),
      pending: (files) => {
        for (const { key } of files) pending.add(key);
      },
    },
    retry,
  );

  const expectations = new Expectations(sinks, retired);
  const unvouched = new Unvouched();
  const newcomers: { readonly info: ObjectInfo; readonly parts: KeyParts }[] = [];
  const withoutLedger = new Set<string>();
  const isListed = options.listFiles !== 'for ledgers' || sinks.length + seeds.seeds.length > 0;
  const prefixes = !isListed ? [] : instance === undefined ? [''] : instancePrefixes(instance);
  let skippedNames = 0;
  let newestMs = named.newestMs;
  for (const prefix of prefixes) {
    for await (const info of listObjects(reader, prefix, retry)) {
      const parts = parseKey(info.key);
      if (parts === undefined && !info.key.startsWith('~')) skippedNames += 1;
      if (parts === undefined || options.select?.(parts) === false) continue;
      newestMs = Math.max(newestMs, info.createdMs);
      const vouching = await vouchingOf(info, parts);
      const mayBeNamed = vouching === 'unvouched' && isNew(info, options.nowMs);
      if (mayBeNamed && newcomers.length < newcomersMax) newcomers.push({ info, parts });
      else await take(info, parts, vouching);
    }
  }
  if (newcomers.length > 0) {
    const isNamedNow = await readNewLedgers(reader, { instance, retired, retry });
    for (const { info, parts } of newcomers) {
      await take(info, parts, isNamedNow(info, parts.instance) ? 'young' : 'unvouched');
    }
  }

  async function take(info: ObjectInfo, parts: KeyParts, vouching: Vouching): Promise<void> {
    if (vouching === 'unvouched') unvouched.add(parts);
    if (vouching === 'unfinished') unfinished.add(info);
    const isOfSink = vouching !== 'seed' && vouching !== 'unfinished';
    const mayBeNamed = vouching === 'young' || expectations.hasLedger(parts.instance);
    if (isOfSink && !mayBeNamed) withoutLedger.add(parts.instance);
    await options.listed?.(info, parts, vouching);
  }

  async function vouchingOf(info: ObjectInfo, parts: KeyParts): Promise<Vouching> {
    if (ofSeeds.isStored(info)) return 'seed';
    if (!parts.quarantine && seeds.isUnnamed({ key: info.key, openedMs: openedMsIn(parts.id) })) return 'unfinished';
    const vouching = ofSinks(info, parts);
    const isOpen = vouching !== 'named' && !parts.quarantine && mayBeSeedId(parts.id);
    return isOpen && (await options.hasSeedHeader?.(info)) === true ? 'unfinished' : vouching;
  }

  function ofSinks(info: ObjectInfo, { instance: its }: KeyParts): Vouching {
    const entry = pending.find(info.key);
    if (entry !== undefined) pending.mark(entry);
    if (named.isStored(info)) return 'named';
    if (entry !== undefined) return 'pending';
    return expectations.mayFollow(info, its) ? 'young' : 'unvouched';
  }

  const isClosed = (key: string) => {
    const parts = parseKey(key);
    return parts !== undefined && seeds.closerOf(parts) !== undefined;
  };
  const judging = { nowMs: newestMs, retired, pending, isClosed };
  const teed = await named.lost(reader, retry);
  const seeded = ofSeeds.lost(named.count);
  return {
    sinks: sinks.map((sink) => sink.state()).filter((state) => state !== undefined),
    findings: [
      ...teed.lost,
      ...seeded.lost,
      ...sinks.flatMap((sink) => findingsOf(sink, judging)),
      ...untrusted,
      ...unvouched.findings(),
      ...unfinished.findings(),
    ],
    closed: [...teed.closed, ...seeded.closed],
    closedKeys: teed.closedKeys,
    seeds,
    withoutLedger: [...withoutLedger],
    skippedNames,
  };
}

/** Reads the ledgers once more, for files that were stored while they were read; returns whether a file is named now, or may be next. */
async function readNewLedgers(
  reader: ObjectReader,
  { instance, retired, retry }: { instance: string | undefined; retired: ReadonlySet<string>; retry: RetryOptions },
): Promise<(info: ObjectInfo, instance: string) => boolean> {
  const named = new KeyTable();
  const add = ({ key }: { readonly key: string }) => named.add(key);
  const visitor = { named: add, pending: (files: readonly PendingFile[]) => files.forEach(add) };
  const { sinks } = await readLedgers(reader, instance, visitor, retry);
  const expectations = new Expectations(sinks, retired);
  return (info, its) => named.find(info.key) !== undefined || expectations.mayFollow(info, its);
}

function instancePrefixes(instance: string): string[] {
  return [formatPrefix({ instance }), formatPrefix({ instance, quarantine: true })];
}
