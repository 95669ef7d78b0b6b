import { ByteReader } from '../../bytes';
import { TsmError } from '../../errors';
import { decodeMeta } from '../../meta/decode-meta';
import type { StorageMeta } from '../../meta/storage-meta';
import { StreamBytes } from '../archive/stream-bytes';

/** What answers of metadata begin with: the u64 `BackupMagicHeader` in `services/snapshotter`. */
const MAGIC = Buffer.from([0, 0, 0, 0, 0x59, 0x59, 1, 1]);
/** The largest answers that are taken: far more than InfluxDB can have. */
const META_BYTES_MAX = 256 * 1024 * 1024;
const PAIRS_MAX = 1_000_000;

/**
 * Reads the answer to a request for metadata: u64 magic, u64 length, and that many bytes of `meta.Data`. What follows about the node is left
 * out.
 *
 * @throws TsmError `FOREIGN_SERVICE`, `INCOMPLETE`, `DAMAGED`
 */
export async function readMetaAnswer(stream: AsyncIterable<Uint8Array>, where: string): Promise<StorageMeta> {
  const input = new StreamBytes(stream);
  const length = await readHead(input, where);
  if (length > META_BYTES_MAX) throw foreign(where, `claims to send ${length} bytes of metadata`);
  const bytes = await input.take(length);
  if (bytes.length < length) throw incomplete(where);
  return decodeMeta(bytes);
}

/**
 * Reads the answer to a request that added metadata: u64 magic, u64 number of pairs, and each pair as two u64: the id of a shard in the metadata
 * that was sent, and its id on the server.
 *
 * @returns the ids on the server by those that were sent; empty if the server added nothing
 * @throws TsmError `FOREIGN_SERVICE`, `INCOMPLETE`
 */
export async function readIdMapAnswer(
  stream: AsyncIterable<Uint8Array>,
  where: string,
): Promise<ReadonlyMap<number, number>> {
  const input = new StreamBytes(stream);
  const pairs = await readHead(input, where);
  if (pairs > PAIRS_MAX) throw foreign(where, `claims to send ${pairs} numbers of shards`);
  const bytes = await input.take(16 * pairs);
  if (bytes.length < 16 * pairs) throw incomplete(where);
  const reader = new ByteReader(bytes);
  const ids = new Map<number, number>();
  for (let i = 0; i < pairs; i += 1) ids.set(u64(reader), u64(reader));
  return ids;
}

/** Reads u64 magic and a u64. */
async function readHead(input: StreamBytes, where: string): Promise<number> {
  const bytes = await input.take(16);
  if (bytes.length === 0) throw foreign(where, 'closed the connection without an answer');
  const isMagic = MAGIC.equals(bytes.subarray(0, 8));
  if (!isMagic && bytes.length >= 8) throw foreign(where, `answered ${JSON.stringify(text(bytes))}`);
  if (bytes.length < 16) throw incomplete(where);
  return u64(new ByteReader(bytes, 8));
}

function u64(reader: ByteReader): number {
  return reader.u32() * 4_294_967_296 + reader.u32();
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function foreign(where: string, what: string): TsmError {
  const todo = 'Give the `bind-address` at the top of its configuration (port 8088), not that of `[http]`.';
  return new TsmError(
    'FOREIGN_SERVICE',
    `${where} is not the snapshot service of an InfluxDB 1.x: it ${what}. ${todo}`,
  );
}

function incomplete(where: string): TsmError {
  return new TsmError('INCOMPLETE', `${where} closed the connection in the middle of its answer. Ask it again.`);
}
