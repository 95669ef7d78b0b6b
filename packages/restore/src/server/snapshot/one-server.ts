import {
  type DatabaseMeta,
  type ShardGroupMeta,
  type ShardName,
  type SnapshotService,
  type StorageMeta,
  TsmError,
} from '@ceres/tsm';
import { RestoreError } from '../../errors';
import type { ServerConnection } from '../connection';

/** The two answers are compared this many times: a shard may appear between the two questions. */
const COMPARISONS_MAX = 5;

/** A shard with the group that it belongs to. */
export interface PlacedGroup extends ShardName {
  readonly group: ShardGroupMeta;
}

/** Returns the shards of all groups that were not deleted. */
export function groupsOf({ databases }: StorageMeta): readonly PlacedGroup[] {
  const groups = ({ name: database, retentionPolicies }: DatabaseMeta) =>
    retentionPolicies.flatMap(({ name: retentionPolicy, shardGroups }) =>
      shardGroups
        .filter(({ deletedAtNs }) => deletedAtNs === undefined)
        .flatMap((group) => group.shardIds.map((id) => ({ database, retentionPolicy, id, group }))),
    );
  return databases.flatMap(groups);
}

/**
 * Returns the metadata, which both ports of a server tell alike: the HTTP API, and the snapshot service.
 *
 * @param again what to do after a fault of the service
 * @throws RestoreError `SNAPSHOT_SERVICE`, `SERVER_…`
 */
export async function metaOfOneServer(
  connection: ServerConnection,
  service: Pick<SnapshotService, 'url' | 'meta'>,
  again: string,
): Promise<StorageMeta> {
  for (let attempt = 1; ; attempt += 1) {
    const meta = await askedService(() => service.meta(), again);
    const databases = await connection.databases();
    const shards = await connection.shards();
    const overHttp = [...databases.map((name) => JSON.stringify([name])), ...shards.map(shardText)];
    const overService = [...meta.databases.map(({ name }) => JSON.stringify([name])), ...groupsOf(meta).map(shardText)];
    const difference = oddOne(overHttp, overService);
    if (difference === undefined) return meta;
    if (attempt === COMPARISONS_MAX) throw twoServers(connection.url, service.url, difference);
  }
}

/** Runs a request to the snapshot service, and reports its faults as this package's. */
export async function askedService<T>(request: () => Promise<T>, again: string): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw asServiceFault(error, again);
  }
}

/**
 * Returns a fault of the snapshot service as an error of this package; returns any other error as it is.
 *
 * @param again what to do next
 */
export function asServiceFault(error: unknown, again: string): unknown {
  if (!(error instanceof TsmError)) return error;
  if (error.code === 'SCRATCH_FULL') {
    return new RestoreError('SCRATCH_FULL', error.message.replaceAll('scratchDir', 'scratchDir (--scratch-dir)'), {
      cause: error,
    });
  }
  return new RestoreError('SNAPSHOT_SERVICE', `${error.message} ${again}`, { cause: error });
}

/** Returns whether the storage of a server of this version is one that is known: 1.6 to 1.12. */
export function isKnownVersion(version: string): boolean {
  return /^1\.(?:[6-9]|1[0-2])(?:\D|$)/.test(version);
}

/** Returns the text by which a shard is compared. */
export function shardText({ id, database, retentionPolicy }: ShardName): string {
  return JSON.stringify([id, database, retentionPolicy]);
}

function oddOne(a: readonly string[], b: readonly string[]): string | undefined {
  const [inA, inB] = [new Set(a), new Set(b)];
  return a.find((one) => !inB.has(one)) ?? b.find((one) => !inA.has(one));
}

function twoServers(http: string, service: string, difference: string): RestoreError {
  const what = `${http} and ${service} are not one server: only one of them has ${difference}`;
  return new RestoreError('SNAPSHOT_SERVICE', `${what}. Nothing was sent. Check both addresses, and the port-forward.`);
}
