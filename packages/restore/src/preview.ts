import { asStorageFault } from './errors';
import { identityOf, refuseOtherStorage } from './journal/identity';
import { Journal } from './journal/journal';
import { refuseBlindHeal } from './live/heal-after';
import { refuseContradictions } from './options/contradictions';
import { type ResolvedRestore, type RestoreOptions, resolveRestore } from './options/restore';
import { sourceOf } from './plan/plan';
import type { RestorePlan } from './plan/types';
import type { ServerShard } from './server/connection';
import { durationMs } from './server/duration';
import { isAlreadyDone } from './server/finished';
import type { LeftOut } from './server/left-out/left-out';
import { type IgnoredPolicy, ignoredPolicies } from './server/policies/ignored-policies';
import { findPolicy } from './server/policies/schema';
import { inspectServer, type ServerInspection } from './server/prepare';
import type { SchemaReport } from './server/schema-file/create-queries';
import type { RestoredSchema } from './server/schema-file/restored-schema';
import { type DroppedPolicy, droppedPolicies } from './server/wipe/dropped-policies';
import { shardsToWipe } from './server/wipe/wipe';

/** What a restore would do on the server before the first write, and what the server would do to the points. */
export interface RestorePreview {
  /** The statements that create databases and policies. */
  readonly creates: readonly string[];
  /** What would become of the backup's schema beside that; absent without `withSchema`. */
  readonly schema?: SchemaReport;
  /** The shards that `wipe` would drop; empty without it. */
  readonly wipes: readonly ServerShard[];
  /** What they hold, by policy, and what of it the backup may not bring back. */
  readonly drops: readonly DroppedPolicy[];
  /** The policies of the server that no longer keep everything planned, judged by the day of the first file. */
  readonly expires: readonly PreviewedExpiry[];
  /** The databases whose default policy on the server is not called what the backup says. */
  readonly otherDefaults: readonly OtherDefault[];
  /** What the option `policies` describes in vain. */
  readonly ignoredPolicies: readonly IgnoredPolicy[];
  /** What the server cannot have, and so would not be restored. */
  readonly leftOut: readonly LeftOut[];
  /** The scratch space that a native restore may need, in bytes; absent without `native`. */
  readonly scratchBytes?: number;
  /** Set if the journal has finished and the server holds what it filled, so that nothing would be done. */
  readonly alreadyFinished?: true;
  /** What earlier runs with the journal have done; absent if there was none. */
  readonly resumes?: EarlierRuns;
}

/** What a resume finds done. */
export interface EarlierRuns {
  /** When the restore began, ms since the epoch; absent in journals of older versions. */
  readonly beganMs?: number;
  readonly files: number;
  readonly lines: number;
  /** True if the restore began with a wipe: it was confirmed then. */
  readonly hasWipe: boolean;
}

/** Returns what would become of a schema, if the server has none of it. */
function schemaOf({ queries, byHand }: RestoredSchema): SchemaReport {
  return { created: queries.map(({ statement }) => statement), byHand };
}

const nothing: RestorePreview = {
  creates: [],
  wipes: [],
  drops: [],
  expires: [],
  otherDefaults: [],
  ignoredPolicies: [],
  leftOut: [],
};

/** A default policy that has another name on the server than it had when its points were backed up. */
export interface OtherDefault {
  readonly database: string;
  readonly inBackup: string;
  readonly onServer: string;
  /** The policy that its points go to: the server's default, if files do not name the policy; otherwise the one that they name. */
  readonly into: string;
}

/** A policy of the server that does not keep points as long as needed. */
export interface PreviewedExpiry {
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  /** Points before this time would be counted as expired instead of sent, ns. */
  readonly before: bigint;
  /** True if the backup's own policy kept points longer. */
  readonly isShorterThanBackup: boolean;
}

/**
 * Asks the server what a restore with these options would do. It changes nothing.
 *
 * It does not check whether the backup is good enough for a wipe, because that takes reading all of it.
 *
 * @throws RestoreError `NO_FILES`, `INVALID_OPTIONS`, `SERVER_…`, `WIPE_REFUSED`, `JOURNAL_MISMATCH` or `STORAGE`, as
 *   `restore` would
 */
export async function previewRestore(plan: RestorePlan, options: RestoreOptions): Promise<RestorePreview> {
  const settings = resolveRestore(options);
  const source = sourceOf(plan);
  refuseContradictions(source, settings);
  const journal = await Journal.open(settings.journalFile, identityOf(plan, settings), 'look');
  try {
    await refuseOtherStorage(journal, source);
    if (await isAlreadyDone(journal, source, settings)) {
      return { ...nothing, alreadyFinished: true };
    }
    if (settings.live) await refuseBlindHeal(source.selection, settings);
    const prospect = await inspectServer(source, settings, journal);
    const wipes = await wipesOf(prospect, settings, journal);
    const resumes = earlierRunsOf(journal);
    return {
      creates: prospect.creates.map(({ statement }) => statement),
      wipes,
      drops: await droppedPolicies(wipes, { ...prospect, map: settings.map, clock: settings.clock }),
      expires: expiriesOf(prospect, settings),
      otherDefaults: otherDefaultsOf(prospect),
      ignoredPolicies: ignoredPolicies(settings.policies, prospect.planned, prospect.schema),
      leftOut: prospect.leftOut,
      ...(prospect.scratchBytes !== undefined && { scratchBytes: prospect.scratchBytes }),
      ...(prospect.restored && { schema: schemaOf(prospect.restored) }),
      ...(resumes && { resumes }),
    };
  } catch (error) {
    throw asStorageFault(error, `Reading the backup of ${source.selection.instance}`);
  } finally {
    await journal.close();
  }
}

function earlierRunsOf({ header, done, hasWipe }: Journal): EarlierRuns | undefined {
  if (header === undefined) return undefined;
  const { files, lines } = done.totals();
  const beganMs = header.began === undefined ? Number.NaN : Date.parse(header.began);
  return { ...(!Number.isNaN(beganMs) && { beganMs }), files, lines, hasWipe };
}

/** Returns the shards to drop. A resume drops what its journal names, and nothing else. */
async function wipesOf({ server, schema, planned }: ServerInspection, { wipe }: ResolvedRestore, journal: Journal) {
  if (journal.header === undefined) return wipe ? await shardsToWipe(server, schema, planned) : [];
  const left = new Set(journal.shardsToDrop);
  return left.size === 0 ? [] : (await server.shards()).filter(({ id }) => left.has(id));
}

function expiriesOf({ schema, planned }: ServerInspection, { clock }: ResolvedRestore): PreviewedExpiry[] {
  return planned.flatMap(({ database, name, firstDay, schema: inBackup }) => {
    const backupMs = inBackup === undefined ? Infinity : (durationMs(inBackup.duration) ?? Infinity);
    const keptMs = findPolicy(schema, database, name)?.durationMs ?? backupMs;
    const beforeMs = Math.floor(clock.now() - keptMs);
    if (startOfDayMs(firstDay) >= beforeMs) return [];
    const before = BigInt(beforeMs) * 1_000_000n;
    return [{ database, retentionPolicy: name, before, isShorterThanBackup: keptMs < backupMs }];
  });
}

function otherDefaultsOf({ schema, planned }: ServerInspection): OtherDefault[] {
  return planned.flatMap(({ database, name, schema: inBackup }) => {
    const ownName = inBackup?.name;
    const onServer = findPolicy(schema, database, '')?.name;
    if (ownName === undefined || onServer === undefined || onServer === ownName) return [];
    const isCreated = inBackup?.isDefault === true && findPolicy(schema, database, name) === undefined;
    if (name !== '') return isCreated ? [] : [{ database, inBackup: ownName, onServer, into: name }];
    // Files that name the policy too may create it, as the default.
    const named = planned.find((policy) => policy.database === database && policy.name === ownName);
    if (named?.schema?.isDefault && findPolicy(schema, database, ownName) === undefined) return [];
    return [{ database, inBackup: ownName, onServer, into: onServer }];
  });
}

/**
 * Returns the start of a day, ms since the epoch.
 *
 * @param day UTC, as YYYYMMDD
 */
function startOfDayMs(day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)));
}
