import type { Journal } from '../journal/journal';
import type { JournalHeader } from '../journal/journal-entry';
import { NativeServer } from '../native/native-server';
import { scratchSpace } from '../native/scratch-space';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import { refuseUnconfirmed } from './confirmed';
import { ServerConnection } from './connection';
import { type LeftOut, leaveOut } from './left-out/left-out';
import { plannedPolicies } from './policies/planned-policies';
import { type Creation, missingSchema, type PlannedPolicy, readSchema, type ServerSchema } from './policies/schema';
import { refuseMissingDefault, refuseNonEmpty, refuseReplacedServer } from './refusals';
import { readSchemaFiles } from './schema-file/read-schema-files';
import { type RestoredSchema, restoredSchema, withRestoredSchema } from './schema-file/restored-schema';
import { refuseWipeOfOthers } from './wipe/other-databases';
import { dropShards, refuseLateWipe, refuseWipeForFaults, shardsToWipe } from './wipe/wipe';

/** What a restore finds on the server, and what it has to create there. */
export interface ServerInspection {
  readonly server: ServerConnection;
  /** The plan without what the server cannot have. */
  readonly source: PlanSource;
  readonly planned: readonly PlannedPolicy[];
  /** The policies of the backup's schema that no file goes into. */
  readonly others: readonly PlannedPolicy[];
  /** What the backup's schema asks for beside policies, with `withSchema`. */
  readonly restored: RestoredSchema | undefined;
  readonly leftOut: readonly LeftOut[];
  /** The scratch space that a native restore may need. */
  readonly scratchBytes?: number;
  readonly schema: ServerSchema;
  /** What creates the missing databases and policies, in this order. */
  readonly creates: readonly Creation[];
}

/** A server that is ready for the first write. */
export interface PreparedServer extends Pick<ServerInspection, 'server' | 'source' | 'leftOut' | 'restored'> {
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
  const { map, policies, wipe, intoExisting, live, native } = settings;
  const server = await ServerConnection.connect(settings.to, settings);
  const nativeServer = native && (await NativeServer.open(server, { ...settings, url: native.url }));
  const restored = settings.withSchema
    ? restoredSchema(await readSchemaFiles(source.selection), source.selection, map)
    : undefined;
  const wanted = withRestoredSchema(plannedPolicies(source.partitions, map, policies), restored);
  const schema = await readSchema(
    server,
    [...wanted.planned, ...wanted.others].map(({ database }) => database),
  );
  const { planned, ...separated } = leaveOut(source, wanted.planned, schema, map);
  await refuseReplacedServer(server, journal, schema, planned, map);
  const creates = missingSchema(schema, [...planned, ...wanted.others]);
  refuseMissingDefault(server.url, schema, creates, planned);
  if (wipe) {
    refuseLateWipe(journal);
    await refuseWipeOfOthers(source, map);
  }
  if (!wipe && journal.header === undefined && !intoExisting && !live && !native?.fill) {
    await refuseNonEmpty(server, schema, planned, native !== undefined);
  }
  const scratchBytes =
    native && nativeServer && (await scratchSpace(separated.source, nativeServer, journal, { ...settings, native }));
  return {
    server,
    ...separated,
    ...(scratchBytes !== undefined && { scratchBytes }),
    planned,
    others: wanted.others,
    restored,
    schema,
    creates,
  };
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
  const { server, planned, others, restored, schema, creates, ...separated } = await inspectServer(
    source,
    settings,
    journal,
  );
  if (journal.header === undefined) {
    if (settings.wipe) await refuseWipeForFaults(source, settings);
    const shards = settings.wipe ? await shardsToWipe(server, schema, planned) : [];
    await journal.begin({ ...header, ...(settings.wipe && { wipe: shards.map(({ id }) => id) }) });
  }
  // The statements that the server might refuse run before the drops, which cannot be undone.
  for (const { statement } of creates) await server.change(statement);
  const prepared = await readSchema(
    server,
    [...planned, ...others].map(({ database }) => database),
  );
  refuseUnconfirmed(server.url, prepared, creates, planned);
  await dropShards(server, journal);
  return { server, source: separated.source, leftOut: separated.leftOut, restored, schema: prepared };
}
