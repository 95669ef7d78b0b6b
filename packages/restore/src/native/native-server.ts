import { type ShardName, SnapshotService } from '@ceres/tsm';
import type { ShardPlace } from '../compile/compiled-shard';
import { RestoreError } from '../errors';
import type { ServerConnection } from '../server/connection';
import { askedService, groupsOf, isKnownVersion, metaOfOneServer } from '../server/snapshot/one-server';
import { ShardList } from './shard-list';

/** What a native restore needs to know of the options. */
export interface NativeServerSettings {
  /** The snapshot service. */
  readonly url: string;
  readonly scratchDir: string;
  readonly signal: AbortSignal | undefined;
}

/** What to do after a fault of the snapshot service. */
export const again = 'Then run the same command again: what is in the journal is not repeated.';

/** The two ports of the server that shards are loaded into. */
export class NativeServer {
  readonly connection: ServerConnection;
  readonly service: SnapshotService;
  /** The shards as they were listed last. */
  #list = new ShardList([]);

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
    await server.listShards();
    return server;
  }

  /** How many shards the server has listed last. */
  get listed(): number {
    return this.#list.shards.length;
  }

  /** Returns the shards of some databases, as they were listed last. */
  shardsOf(databases: ReadonlySet<string>): readonly ShardName[] {
    return this.#list.shards.filter(({ database }) => databases.has(database));
  }

  /**
   * Lists the shards, which both ports must tell alike. The answer has all shards of the server, so that asking for each one of many takes a time
   * that grows with the square of their number.
   *
   * @throws RestoreError `SNAPSHOT_SERVICE`, `SERVER_…`
   */
  async listShards(): Promise<void> {
    this.#list = new ShardList(groupsOf(await metaOfOneServer(this.connection, this.service, again)));
  }

  /**
   * Returns the shard for a stretch of time, as it was listed last; `undefined` if there is none.
   *
   * @throws RestoreError `NATIVE_REFUSED` if the server cuts the time otherwise
   */
  shardAt({ database, retentionPolicy, startNs, endNs }: ShardPlace): ShardName | undefined {
    const here = this.#list.within({ database, retentionPolicy, startNs, endNs });
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
    return await askedService(request, again);
  }
}

/** Uploads were tried on 1.6, 1.7, 1.8, 1.11 and 1.12, whose shards and service are the same. */
function refuseVersion({ version, url }: ServerConnection): void {
  if (isKnownVersion(version)) return;
  const what = `The server ${url} is version ${version}, and shards can only be loaded into InfluxDB 1.6 to 1.12`;
  throw new RestoreError('SERVER_UNSUPPORTED', `${what}. Restore without native (--native).`);
}
