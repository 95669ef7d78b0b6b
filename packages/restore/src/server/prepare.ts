import type { Journal, JournalHeader } from '../journal/journal';
import { NativeServer } from '../native/native-server';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import { refuseUnconfirmed } from './confirmed';
import { ServerConnection } from './connection';
import { type LeftOut, leaveOut } from './left-out/left-out';
import { plannedPolicies } from './policies/planned-policies';
import { type Creation, missingSchema, type PlannedPolicy, readSchema, type ServerSchema } from './policies/schema';
import { refuseMissingDefault, refuseNonEmpty, refuseReplacedServer } from './refusals';
import { refuseWipeOfOthers } from './wipe/other-databases';
import { dropShards, refuseLateWipe, refuseWipeForFaults, shardsToWipe } from './wipe/wipe';

/** What a restore finds on the server, and what it has to create there. */
export interface ServerInspection {
  readonly server: ServerConnection;
  /** The plan without what the server cannot have. */
  readonly source: PlanSource;
  readonly planned: readonly PlannedPolicy[];
  readonly leftOut: readonly LeftOut[];
  readonly schema: ServerSchema;
  /** What creates the missing databases and policies, in this order. */
  readonly creates: readonly Creation[];
}

/** A server that is ready for the first write. */
export interface PreparedServer extends Pick<ServerInspection, 'server' | 'source' | 'leftOut'> {
  /** The policies of the server now. */
  readonly schema: ServerSchema;
}

/**
 * Inspects the server, and refuses what is already known to be wrong. The restore and its preview both call this, so that
 * they agree. It changes nothing.
 *
 * @param journal one that has not finished
 * @throws RestoreError `SERVER_…`, `INVALID_OPTIONS`, `WIPE_REFUSED` or `JOURNAL_MISMATCH`
 */
export async function inspectServer(
  source: PlanSource,
  settings: ResolvedRestore,
  journal: Journal,
): Promise<ServerInspection> {
  const { map, policies, wipe, intoExisting, native } = settings;
  const server = await ServerConnection.connect(settings.to, settings);
  if (native !== undefined) await NativeServer.open(server, { ...settings, url: native.url });
  const wanted = plannedPolicies(source.partitions, map, policies);
  const schema = await readSchema(
    server,
    wanted.map(({ database }) => database),
  );
  const { planned, ...separated } = leaveOut(source, wanted, schema, map);
  await refuseReplacedServer(server, journal, schema, planned, map);
  const creates = missingSchema(schema, planned);
  refuseMissingDefault(server.url, schema, creates, planned);
  if (wipe) {
    refuseLateWipe(journal);
    await refuseWipeOfOthers(source, map);
  }
  if (!wipe && journal.header === undefined && !intoExisting && !native?.fill) {
    await refuseNonEmpty(server, schema, planned, native !== undefined);
  }
  return { server, ...separated, planned, schema, creates };
}

/**
 * Makes a server ready for the first write. Everything that could refuse the restore is checked before anything is
 * changed, every change is in the journal before it is made, and no change is believed before the server lists it. A resume continues where an earlier run stopped.
 *
 * @throws RestoreError `SERVER_…`, `INVALID_OPTIONS`, `WIPE_REFUSED` or `JOURNAL_MISMATCH`
 */
export async function prepareServer(
  source: PlanSource,
  settings: ResolvedRestore,
  journal: Journal,
  header: JournalHeader,
): Promise<PreparedServer> {
  const { server, planned, schema, creates, ...separated } = await inspectServer(source, settings, journal);
  if (journal.header === undefined) {
    if (settings.wipe) await refuseWipeForFaults(source, settings);
    const shards = settings.wipe ? await shardsToWipe(server, schema, planned) : [];
    await journal.begin({ ...header, ...(settings.wipe && { wipe: shards.map(({ id }) => id) }) });
  }
  // The statements that the server might refuse run before the drops, which cannot be undone.
  for (const { statement } of creates) await server.change(statement);
  const prepared = await readSchema(
    server,
    planned.map(({ database }) => database),
  );
  refuseUnconfirmed(server.url, prepared, creates, planned);
  await dropShards(server, journal);
  return { server, source: separated.source, leftOut: separated.leftOut, schema: prepared };
}
