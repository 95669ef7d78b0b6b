import { ByteWriter } from '../../bytes';

/** The requests that we send, by their byte: `RequestType` in `services/snapshotter/service.go` of InfluxDB 1.6 to 1.12. */
const SHARD_BACKUP = 0;
const META_BACKUP = 1;
const META_UPDATE = 6;
const SHARD_UPDATE = 7;

/** Asks for all metadata. */
export function metaRequest(): Uint8Array {
  return withJson(META_BACKUP, {});
}

/**
 * Asks for the files of a shard, as a tar.
 *
 * @param since leaves out files that were last written before this time
 */
export function shardRequest(shardId: number, since: Date | undefined): Uint8Array {
  return withJson(SHARD_BACKUP, { ShardID: shardId, ...(since && { Since: since.toISOString() }) });
}

/**
 * Begins to add databases, policies and shard groups. `meta` follows.
 *
 * @param database the only one of `meta` to add
 */
export function metaUpdateRequest(meta: Uint8Array, database: string): Uint8Array {
  return withJson(META_UPDATE, { BackupDatabase: database, RestoreDatabase: database, UploadSize: meta.length });
}

/** Begins to send files into a shard, as a tar, which follows. */
export function shardUpdateRequest(shardId: number): Uint8Array {
  const request = new ByteWriter(9);
  request.u8(SHARD_UPDATE);
  request.u32(Math.floor(shardId / 4_294_967_296));
  request.u32(shardId);
  return request.written;
}

function withJson(type: number, request: object): Uint8Array {
  return Buffer.concat([Uint8Array.of(type), Buffer.from(`${JSON.stringify({ Type: type, ...request })}\n`)]);
}
