import {
  type DatabaseMeta,
  type ShardGroupMeta,
  type ShardName,
  SnapshotService,
  type StorageMeta,
  TsmError,
} from '@ceres/tsm';
import type { ShardPlace } from '../compile/compiled-shard';
import { RestoreError } from '../errors';
import type { ServerConnection } from '../server/connection';

/** What a native restore needs to know of the options. */
export interface NativeServerSettings {
  /** The snapshot service. */
  readonly url: string;
  readonly scratchDir: string;
  readonly signal: AbortSignal | undefined;
}

/** The two answers are compared this many times: a shard may appear between the two questions. */
const COMPARISONS_MAX = 5;

/** The two ports of the server that shards are loaded into. */
export class NativeServer {
  readonly connection: ServerConnection;
  readonly service: SnapshotService;

  private constructor(connection: ServerConnection, service: SnapshotService) {
    this.connection = connection;
    this.service = service;
  }

  /**
   * Checks, without a change, that both ports belong to one server of a version that is known to keep its shards whole.
   *
   * @throws RestoreError `SERVER_UNSUPPORTED`, `SNAPSHOT_SERVICE`, `SERVER_…`
   */
  static async open(connection: ServerConnection, settings: NativeServerSettings): Promise<NativeServer> {
    const { url, scratchDir, signal } = settings;
    refuseVersion(connection);
    const service = new SnapshotService(url, { scratchDir, ...(signal && { signal }) });
    const server = new NativeServer(connection, service);
    await server.meta();
    return server;
  }

  /**
   * Returns the metadata, which both ports tell alike.
   *
   * @throws RestoreError `SNAPSHOT_SERVICE`, `SERVER_…`
   */
  async meta(): Promise<StorageMeta> {
    for (let attempt = 1; ; attempt += 1) {
      const meta = await this.asked(() => this.service.meta());
      const databases = await this.connection.databases();
      const shards = await this.connection.shards();
      const overHttp = [
        ...databases.map((name) => JSON.stringify([name])),
        ...shards.map(({ id, database, retentionPolicy }) => JSON.stringify([id, database, retentionPolicy])),
      ];
      const overService = [
        ...meta.databases.map(({ name }) => JSON.stringify([name])),
        ...groupsOf(meta).map(({ id, database, retentionPolicy }) => JSON.stringify([id, database, retentionPolicy])),
      ];
      const difference = oddOne(overHttp, overService);
      if (difference === undefined) return meta;
      if (attempt === COMPARISONS_MAX) throw twoServers(this.connection.url, this.service.url, difference);
    }
  }

  /**
   * Returns the shard for a stretch of time; `undefined` if there is none.
   *
   * @throws RestoreError `NATIVE_REFUSED` if the server cuts the time otherwise
   */
  async shardAt({ database, retentionPolicy, startNs, endNs }: ShardPlace): Promise<ShardName | undefined> {
    const here = groupsOf(await this.meta()).filter(
      (one) =>
        one.database === database &&
        one.retentionPolicy === retentionPolicy &&
        one.group.startNs < endNs &&
        one.group.endNs > startNs,
    );
    const [first] = here;
    if (first === undefined) return undefined;
    const { group, id } = first;
    // The very first group begins before the first int64, and the last one ends at the last.
    const isSame = here.length === 1 && group.startNs === startNs && group.endNs >= endNs;
    if (isSame && group.truncatedAtNs === undefined) return { database, retentionPolicy, id };
    const what = `'${retentionPolicy}' of '${database}' has shards from when its shard duration was another one`;
    throw new RestoreError('NATIVE_REFUSED', `${what}. Restore it without native (--native).`);
  }

  /** Runs a request to the snapshot service, and reports its faults as this package's. */
  async asked<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw asServiceFault(error);
    }
  }
}

interface PlacedGroup extends ShardName {
  readonly group: ShardGroupMeta;
}

function groupsOf({ databases }: StorageMeta): readonly PlacedGroup[] {
  const groups = ({ name: database, retentionPolicies }: DatabaseMeta) =>
    retentionPolicies.flatMap(({ name: retentionPolicy, shardGroups }) =>
      shardGroups
        .filter(({ deletedAtNs }) => deletedAtNs === undefined)
        .flatMap((group) => group.shardIds.map((id) => ({ database, retentionPolicy, id, group }))),
    );
  return databases.flatMap(groups);
}

function oddOne(a: readonly string[], b: readonly string[]): string | undefined {
  const [inA, inB] = [new Set(a), new Set(b)];
  return a.find((one) => !inB.has(one)) ?? b.find((one) => !inA.has(one));
}

/** Uploads were tried on 1.6, 1.7, 1.8, 1.11 and 1.12, whose shards and service are the same. */
function refuseVersion({ version, url }: ServerConnection): void {
  if (/^1\.(?:[6-9]|1[0-2])(?:\D|$)/.test(version)) return;
  const what = `The server ${url} is version ${version}, and shards can only be loaded into InfluxDB 1.6 to 1.12`;
  throw new RestoreError('SERVER_UNSUPPORTED', `${what}. Restore without native (--native).`);
}

function twoServers(http: string, service: string, difference: string): RestoreError {
  const what = `${http} and ${service} are not one server: only one of them has ${difference}`;
  return new RestoreError('SNAPSHOT_SERVICE', `${what}. Nothing was sent. Check both addresses, and the port-forward.`);
}

/** Returns a fault of the snapshot service as an error of this package; returns any other error as it is. */
export function asServiceFault(error: unknown): unknown {
  if (!(error instanceof TsmError)) return error;
  if (error.code === 'SCRATCH_FULL') {
    return new RestoreError('SCRATCH_FULL', error.message.replaceAll('scratchDir', 'scratchDir (--scratch-dir)'), {
      cause: error,
    });
  }
  const again = 'Then run the same command again: what is in the journal is not repeated.';
  return new RestoreError('SNAPSHOT_SERVICE', `${error.message} ${again}`, { cause: error });
}
