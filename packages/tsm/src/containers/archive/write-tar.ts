import { TsmError } from '../../errors';
import { streamOf } from '../../files/byte-source';
import { parseTsmFileName } from '../../files/file-name';
import type { ShardFile } from '../../shards/contract';
import type { ShardName } from '../shard-name';
import { safeName } from './read-tar';
import { TAR_BLOCK_BYTES } from './tar-header';

const NAME_BYTES_MAX = 100;

/**
 * Returns the tar of a shard, in the format that `influxd restore -portable` and the snapshot service take: `database/policy/id/….tsm`.
 * Names are checked before the first byte: InfluxDB does not check them. So are tombstones, which InfluxDB leaves out of what it loads.
 * Format: docs/storage-engine.md, "Portable backup".
 *
 * @throws TsmError `UNSAFE_NAME`, `HAS_TOMBSTONES`; while it is read, `UNREADABLE` or `INCOMPLETE` for a file
 */
export function shardArchive(shard: ShardName, files: readonly ShardFile[]): AsyncGenerator<Uint8Array> {
  const folder = safeName(`${shard.database}/${shard.retentionPolicy}/${shard.id}`);
  const taken = new Set<string>();
  if (folder.split('/').length !== 3) throw unsafe(folder);
  for (const { name, tombstones } of files) {
    if (parseTsmFileName(name) === undefined || taken.has(name)) throw unsafe(name);
    if (tombstones !== undefined) throw hasTombstones(`${folder}/${name}`);
    taken.add(name);
  }
  return writeEntries(folder, files);
}

async function* writeEntries(folder: string, files: readonly ShardFile[]): AsyncGenerator<Uint8Array> {
  for (const { name, source } of files) {
    yield tarHeader(`${folder}/${name}`, source.sizeBytes);
    yield* streamOf(source);
    yield new Uint8Array(-source.sizeBytes & (TAR_BLOCK_BYTES - 1));
  }
  // What says that the archive is whole.
  yield new Uint8Array(2 * TAR_BLOCK_BYTES);
}

/** Returns the header of a file. A name that does not fit is written before it, as an extended header of PAX. */
function tarHeader(name: string, sizeBytes: number): Uint8Array {
  const isPlain = /^[\x20-\x7e]*$/.test(name) && name.length <= NAME_BYTES_MAX;
  if (isPlain) return headerBlock(name, sizeBytes, '0');
  const record = Buffer.from(paxRecord('path', name));
  const padding = Buffer.alloc(-record.length & (TAR_BLOCK_BYTES - 1));
  return Buffer.concat([
    headerBlock('PaxHeaders.0/path', record.length, 'x'),
    record,
    padding,
    headerBlock('path', sizeBytes, '0'),
  ]);
}

/** Returns a record of an extended header: its own length in digits, a space, `key=value` and a line feed. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes + 1;
  while (restBytes + String(length).length !== length) length = restBytes + String(length).length;
  return `${length}${rest}`;
}

function headerBlock(name: string, sizeBytes: number, type: string): Uint8Array {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  block.write(name, 0, NAME_BYTES_MAX, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(`${type}`, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function unsafe(name: string): TsmError {
  return new TsmError('UNSAFE_NAME', `${JSON.stringify(name)} cannot be the name of a file of a shard in an archive.`);
}

function hasTombstones(path: string): TsmError {
  const what = `${path} has tombstones, which InfluxDB leaves out when it loads an archive: what was deleted would come back`;
  const todo = 'Read the shard with `openShard`, write what is left with a `ShardWriter`, and add those files';
  return new TsmError('HAS_TOMBSTONES', `${what}. ${todo}.`);
}
