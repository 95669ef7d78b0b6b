import type { ResolvedComparison } from '../options/verify';
import type { PlanSource } from '../plan/plan';
import { ServerWatch } from '../progress/server-watch';
import { ServerConnection } from '../server/connection';
import { readSchema } from '../server/policies/schema';
import { ComparedPolicies } from './compared-policies';
import { openStored, type StoredDatabases, schemaOf } from './stored/open-stored';

/** How long a server that does not answer is asked again. */
const patienceMs = 60_000;

/** What a backup is compared with. */
export interface ComparedSides {
  /** The server over HTTP; a folder has none. */
  readonly server: ServerConnection | undefined;
  /** The files of the databases, if they are read instead of queries. */
  readonly stored: StoredDatabases | undefined;
  readonly policies: ComparedPolicies;
}

/**
 * Connects to what a backup is compared with, and finds out what policies it has.
 *
 * @throws RestoreError `SERVER_…`, `SNAPSHOT_SERVICE`, `SCRATCH_FULL`
 */
export async function openSides(source: PlanSource, options: ResolvedComparison): Promise<ComparedSides> {
  const { to, snapshot, scratchDir, map, clock, onServer } = options;
  const { signal } = source.selection;
  const watch = new ServerWatch(clock, patienceMs, (event) => onServer?.(event));
  const patience = { patienceMs, clock, signal, watch };
  const server = to && (await ServerConnection.connect(to, patience));
  const both = server && to && { connection: server, to };
  const stored = snapshot === undefined ? undefined : await openStored({ snapshot, server: both, scratchDir, signal });
  const isOfServer = server !== undefined && stored?.isLive !== false;
  const databases = source.partitions.map(({ database }) => map.database(database));
  const schema = isOfServer ? await readSchema(server, databases) : stored && schemaOf(stored);
  if (schema === undefined) throw new TypeError('a comparison has a server or a folder');
  return { server, stored, policies: ComparedPolicies.of(source, schema, map, clock.now()) };
}
