import {
  type DatabaseMeta,
  type ShardGroupMeta,
  type ShardName,
  type SnapshotService,
  type StorageMeta,
  TsmError,
} from '@ceres/tsm';
import { RestoreError } from '../../errors';
import type { ServerConnection, ServerShard } from '../connection';

/** The two answers are compared this many times: a shard may appear between the two questions. */
const COMPARISONS_MAX = 5;

/** Groups of shards have both ends between these where the metadata tells them exactly. */
const earliestMs = Date.UTC(1700, 0);
const latestMs = Date.UTC(2200, 0);

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
    const overHttp = [...databases.map(textOfDatabase), ...shards.map(placeOfShard)];
    const overService = [
      ...meta.databases.map(({ name }) => textOfDatabase(name)),
      ...groupsOf(meta).map(placeOfGroup),
    ];
    const difference = differenceOf(overHttp, overService);
    if (difference === undefined) return meta;
    if (attempt < COMPARISONS_MAX) continue;
    const what = `${connection.url} and ${service.url} are not one server: only the ${difference}`;
    throw new RestoreError('SNAPSHOT_SERVICE', `${what}. Check both addresses, and the port-forward. ${again}`);
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
  if (error.code !== 'DAMAGED')
    return new RestoreError('SNAPSHOT_SERVICE', `${error.message} ${again}`, { cause: error });
  const what = `What the snapshot service of the server sends is damaged. ${error.message}`;
  const otherwise =
    'If it says the same again, this file of the server is damaged: run the command without the service (--native, --snapshot).';
  return new RestoreError('SNAPSHOT_SERVICE', `${what} ${again} ${otherwise}`, { cause: error });
}

/** Returns whether the storage of a server of this version is one that is known: 1.6 to 1.12. */
export function isKnownVersion(version: string): boolean {
  return /^1\.(?:[6-9]|1[0-2])(?:\D|$)/.test(version);
}

/** Returns the text by which a shard is compared. */
export function shardText({ id, database, retentionPolicy }: ShardName): string {
  return JSON.stringify([id, database, retentionPolicy]);
}

function textOfDatabase(name: string): string {
  return `the database ${JSON.stringify(name)}`;
}

function placeOfShard(shard: ServerShard): string {
  return textWithin(shard, Date.parse(shard.start), Date.parse(shard.end));
}

function placeOfGroup({ group, ...shard }: PlacedGroup): string {
  return textWithin(shard, Number(group.startNs / 1_000_000n), Number(group.endNs / 1_000_000n));
}

/**
 * Returns the text of a shard and its times: small servers number their shards alike. Both ends of time are left out, which the metadata
 * cannot hold, and fractions of a second, which the API does not show. No two shards have one text, whatever their names are.
 */
function textWithin({ id, database, retentionPolicy }: ShardName, startMs: number, endMs: number): string {
  const [policy, name] = [retentionPolicy, database].map((one) => JSON.stringify(one));
  return `shard ${id} of ${policy} in ${name}${timeText('from', startMs)}${timeText('to', endMs)}`;
}

function timeText(word: string, ms: number): string {
  const isExact = ms > earliestMs && ms < latestMs;
  return isExact ? ` ${word} ${new Date(Math.floor(ms / 1_000) * 1_000).toISOString().replace('.000', '')}` : '';
}

/** Returns which of two servers has something that the other one lacks, and what that is. */
function differenceOf(a: readonly string[], b: readonly string[]): string | undefined {
  const [inA, inB] = [new Set(a), new Set(b)];
  const [first, second] = [a.find((one) => !inB.has(one)), b.find((one) => !inA.has(one))];
  if (first !== undefined) return `first has ${first}`;
  return second === undefined ? undefined : `second has ${second}`;
}
