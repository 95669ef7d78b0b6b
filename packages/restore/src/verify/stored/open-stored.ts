import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InfluxServer } from '@ceres/influx-http';
import { readShardSizes } from '@ceres/influx-http/internal';
import { ifExists } from '@ceres/internal';
import {
  openDataDirectory,
  openPortableFolder,
  type ShardContainer,
  SnapshotService,
  type StorageMeta,
  type StoredShard,
} from '@ceres/tsm';
import { RestoreError } from '../../errors';
import { isServiceUrl } from '../../options/checks';
import type { ServerConnection } from '../../server/connection';
import type { ServerSchema } from '../../server/policies/schema';
import { askedService, groupsOf, isKnownVersion, metaOfOneServer, shardText } from '../../server/snapshot/one-server';

/** The files of a server, as its snapshot service, a portable backup or its data directory has them. */
export interface StoredDatabases {
  /** How messages call them. */
  readonly name: string;
  /** True if a running server gives them: each shard is as it is when it is opened. */
  readonly isLive: boolean;
  readonly meta: StorageMeta;
  readonly shards: readonly StoredShard[];
  /** Asks a running server again which shards it has. */
  readonly again?: () => Promise<StoredDatabases>;
}

export interface StoredSettings {
  /** `tcp://127.0.0.1:8088`, or the path of a folder. */
  readonly snapshot: string;
  /** The server that a folder is of may be stopped. */
  readonly server: { readonly connection: ServerConnection; readonly to: InfluxServer } | undefined;
  readonly scratchDir: string;
  readonly signal: AbortSignal | undefined;
}

type ServiceSettings = Omit<StoredSettings, 'snapshot' | 'server'> & {
  readonly server: NonNullable<StoredSettings['server']>;
};

/** What a shard may take in memory before it is unpacked into the scratch folder. */
const memoryBytesMax = 32 * 1024 * 1024;

export const againHint = 'Nothing was written. Then run the same command again, or leave snapshot (--snapshot) out.';

/**
 * Opens the place that the database's side is read from. Its form says what it is.
 *
 * @throws RestoreError `SNAPSHOT_SERVICE`, `SERVER_UNSUPPORTED`, `SCRATCH_FULL`, `SERVER_…`
 */
export async function openStored(settings: StoredSettings): Promise<StoredDatabases> {
  const { snapshot, server, scratchDir, signal } = settings;
  if (isServiceUrl(snapshot)) {
    if (server === undefined) throw new TypeError('the options name the server of a snapshot service');
    return await openService(snapshot, { server, scratchDir, signal });
  }
  const { meta, shards } = await askedService(() => openFolder(snapshot, scratchDir), againHint);
  if (meta === undefined) {
    const what = `${snapshot} has no metadata (meta.db), so that nothing tells its policies`;
    throw new RestoreError('SNAPSHOT_SERVICE', `${what}. Copy the folder meta beside it, too.`);
  }
  if (server !== undefined) await refuseOther(snapshot, shards, server.connection);
  return { name: snapshot, isLive: false, meta, shards };
}

async function openService(url: string, settings: ServiceSettings): Promise<StoredDatabases> {
  const {
    server: { connection, to },
    scratchDir,
    signal,
  } = settings;
  if (!isKnownVersion(connection.version)) {
    const what = `The server ${connection.url} is version ${connection.version}, and the snapshots of InfluxDB 1.6 to 1.12 are known`;
    throw new RestoreError('SERVER_UNSUPPORTED', `${what}. Compare without snapshot (--snapshot).`);
  }
  const service = new SnapshotService(url, { scratchDir, memoryBytesMax, ...(signal && { signal }) });
  const meta = await metaOfOneServer(connection, service, againHint);
  const sizes = await readShardSizes(to, signal ? { signal } : {});
  const shards = groupsOf(meta).map(({ group: _, ...shard }): StoredShard => {
    const sizeBytes = sizes.get(shard.id);
    return { ...shard, sizeBytes, open: () => service.openShard(shard, { sizeBytes }) };
  });
  return { name: service.url, isLive: true, meta, shards, again: () => openService(url, settings) };
}

async function openFolder(path: string, scratchDir: string): Promise<ShardContainer> {
  const names = await ifExists(readdir(path));
  if (names?.some((name) => name.endsWith('.manifest'))) {
    return await openPortableFolder(path, { scratchDir, memoryBytesMax });
  }
  const nested = join(path, 'data');
  return await openDataDirectory((await ifExists(stat(nested)))?.isDirectory() ? nested : path);
}

/** Refuses a folder with a shard that the server does not have: it is of another one. */
async function refuseOther(path: string, shards: readonly StoredShard[], connection: ServerConnection): Promise<void> {
  const here = new Set((await connection.shards()).map(shardText));
  const other = shards.find((shard) => !here.has(shardText(shard)));
  if (other === undefined) return;
  const what = `${path} is not of the server ${connection.url}, which has no shard ${shardText(other)}`;
  throw new RestoreError('SNAPSHOT_SERVICE', `${what}. Leave the server out (--to), or name its own folder.`);
}

/** Returns the policies of stored databases, as a server lists them. */
export function schemaOf({ meta }: StoredDatabases): ServerSchema {
  const ms = (ns: bigint) => (ns === 0n ? Infinity : Number(ns / 1_000_000n));
  return new Map(
    meta.databases.map(({ name: database, defaultRetentionPolicy, retentionPolicies }) => [
      database,
      retentionPolicies.map(({ name, durationNs, shardGroupDurationNs }) => {
        const isDefault = name === defaultRetentionPolicy;
        return { database, name, durationMs: ms(durationNs), shardDurationMs: ms(shardGroupDurationNs), isDefault };
      }),
    ]),
  );
}
