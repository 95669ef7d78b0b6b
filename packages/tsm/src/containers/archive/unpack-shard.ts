import { TsmError } from '../../errors';
import type { ByteSource } from '../../files/byte-source';
import { parseTsmFileName } from '../../files/file-name';
import type { Shard, ShardFile } from '../../shards/contract';
import { openShard } from '../../shards/open-shard';
import type { ShardName } from '../shard-name';
import { readTar } from './read-tar';
import type { Scratch } from './scratch';

/** The most files that a shard may have: far more than InfluxDB leaves uncompacted. */
const FILES_MAX = 100_000;

/**
 * Unpacks the archive of a shard, as `influxd backup -portable` and the snapshot service make it: a tar of `….tsm` and `….tombstone`
 * files below `database/policy/id/`.
 *
 * @param stream the tar, without the gzip around it
 * @throws TsmError `INCOMPLETE`, `DAMAGED`, `UNSAFE_NAME`, `SCRATCH_FULL`
 */
export async function unpackShard(
  stream: AsyncIterable<Uint8Array>,
  shard: ShardName,
  scratch: Scratch,
): Promise<Shard> {
  const folder = `${shard.database}/${shard.retentionPolicy}/${shard.id}/`;
  const files = new Map<string, ByteSource>();
  try {
    for await (const { name, sizeBytes, content } of readTar(stream)) {
      const base = name.slice(folder.length);
      const isKnown = parseTsmFileName(base.replace(/\.tombstone$/, '.tsm')) !== undefined;
      if (!name.startsWith(folder) || !isKnown) {
        throw new TsmError(
          'DAMAGED',
          `The archive holds ${name}, which is not a file of the shard ${folder.slice(0, -1)}.`,
        );
      }
      if (files.has(base)) throw new TsmError('DAMAGED', `The archive holds ${name} twice.`);
      if (files.size === FILES_MAX) throw new TsmError('DAMAGED', `The archive holds more than ${FILES_MAX} files.`);
      files.set(base, await scratch.keep(name, sizeBytes, content()));
    }
  } catch (error) {
    for (const source of files.values()) await source.close();
    throw error;
  }
  return openShard({ files: pairs(files) });
}

/** Puts each file and its tombstones together. Tombstones without a file delete nothing. */
function pairs(sources: ReadonlyMap<string, ByteSource>): readonly ShardFile[] {
  return [...sources].flatMap(([name, source]) => {
    if (!name.endsWith('.tsm')) return [];
    const tombstones = sources.get(name.replace(/\.tsm$/, '.tombstone'));
    return [{ name, source, ...(tombstones === undefined ? {} : { tombstones }) }];
  });
}
