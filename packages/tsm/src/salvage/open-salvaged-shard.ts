import type { ByteSource } from '../files/byte-source';
import { readTombstones, type Tombstones } from '../files/deletes/tombstones';
import { compareTsmFileNames, parseTsmFileName } from '../files/file-name';
import { TsmReader } from '../files/tsm-reader';
import type { KnownNames } from '../names/known-names';
import type { Shard, ShardFile, ShardFiles } from '../shards/contract';
import { MergedShard } from '../shards/merged-shard';
import { examineFile } from './examine-file';
import type { ShardLosses } from './losses';
import { type NameFiles, NameVotes } from './salvage-names';
import { isDamage, type SalvagedFile } from './salvaged-file';
import { salvageWal } from './wal/salvage-wal';

/**
 * Opens a shard that may be damaged. All of it is read once: what is lost and what is doubtful is reported, and the shard has the rest. The shard owns the
 * files from now on, also if this fails.
 *
 * @throws TsmError `UNREADABLE`; the reason of the signal
 */
export async function openSalvagedShard(
  { files, wal = [] }: ShardFiles,
  nameFiles: NameFiles,
  losses: ShardLosses,
): Promise<Shard> {
  const sources = [...files.flatMap(({ source, tombstones }) => [source, tombstones]), ...wal];
  const close = async () => {
    for (const source of sources) await source?.close();
  };
  try {
    const salvaged: SalvagedFile[] = [];
    for (const file of inOrder(files))
      salvaged.push({ source: file.source, tombstones: await tombstonesOf(file.tombstones, losses) });
    const names = await vote(salvaged, nameFiles, losses);
    const readers: TsmReader[] = [];
    for (const file of salvaged) readers.push(await examineFile(file, names, losses));
    const { content, cuts } = await salvageWal(wal, names, losses);
    return new MergedShard({ readers, wal: content, names: undefined }, cuts, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Later files win; what influxd had renamed loses against a file that took its name. */
function inOrder(files: readonly ShardFile[]): readonly ShardFile[] {
  const rank = ({ name }: ShardFile) => parseTsmFileName(name.replace(/\.bad$/, '')) ?? { generation: 0, sequence: 0 };
  const isBad = ({ name }: ShardFile) => (name.endsWith('.bad') ? 0 : 1);
  return [...files].sort((a, b) => compareTsmFileNames(rank(a), rank(b)) || isBad(a) - isBad(b));
}

async function tombstonesOf(source: ByteSource | undefined, losses: ShardLosses): Promise<Tombstones> {
  if (source === undefined) return new Map();
  try {
    return await readTombstones(source);
  } catch (error) {
    if (!isDamage(error)) throw error;
    losses.lost({
      kind: 'file',
      file: source.name,
      fromByte: 0,
      toByte: source.sizeBytes,
      reason: `What was deleted from its TSM file may be among the points. ${error.message}`,
    });
    return new Map();
  }
}

/** Reads the keys of all files, as far as their indexes can be read, to learn which names to believe. */
async function vote(files: readonly SalvagedFile[], nameFiles: NameFiles, losses: ShardLosses): Promise<KnownNames> {
  const votes = new NameVotes(nameFiles);
  for (const { source, tombstones } of files) {
    try {
      const cursor = (await TsmReader.open(source, tombstones)).cursor();
      while (await cursor.next()) {
        losses.checkSignal();
        votes.add(cursor.key, cursor.type);
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  return votes.decide(losses);
}
