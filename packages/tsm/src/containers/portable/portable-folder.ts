import { join } from 'node:path';
import { type FileSystem, nodeFileSystem } from '@ceres/internal';
import { damaged, placed, TsmError } from '../../errors';
import { fileSource, streamOf, unreadable } from '../../files/byte-source';
import { gunzip } from '../../files/deletes/gunzip';
import { checkMeta } from '../../meta/check-meta';
import { decodeMeta, portableMetaData } from '../../meta/decode-meta';
import { shardsOf } from '../../meta/shards-of-meta';
import type { StorageMeta } from '../../meta/storage-meta';
import { check } from '../../options';
import type { Shard } from '../../shards/contract';
import { Scratch, type ScratchOptions, scratchOptionNames } from '../archive/scratch';
import { SpareMemory } from '../archive/spare-memory';
import { unpackShard } from '../archive/unpack-shard';
import type { ShardContainer, StoredShard } from '../contract';
import { compareShardNames, type ShardName } from '../shard-name';
import { type Manifest, type ManifestFile, parseManifest } from './manifest';
import { stampMsOf } from './stamp';

/** A manifest is read as a whole: one with an entry for each of 100,000 shards has about 20 MB. */
const MANIFEST_BYTES_MAX = 256 * 1024 * 1024;

/** An opened portable backup. Format: docs/storage-engine.md, "Portable backup". */
export interface PortableFolder extends ShardContainer {
  /**
   * When the backup began, ms since 1970, by the names of its files, which have whole seconds. Of several backups, the oldest one that a
   * shard counts from. `undefined` if a name has no time.
   */
  readonly beganMs: number | undefined;
}

/**
 * Opens a folder that `influxd backup -portable` made: `<stamp>.manifest`, `<stamp>.meta`, and `<stamp>.s<id>.tar.gz` for each shard.
 * Several backups may be in one folder; as in `influxd restore`, of each shard the archive that was modified last counts, of equal ones the
 * first in the latest manifest, and of the metadata the latest.
 * Format: docs/storage-engine.md, "Portable backup".
 *
 * @throws TsmError `MISSING`, `DAMAGED`, `UNSAFE_NAME`, `UNREADABLE`, `INVALID_OPTIONS`
 */
export async function openPortableFolder(path: string, options: ScratchOptions = {}): Promise<PortableFolder> {
  check.names('openPortableFolder', options, scratchOptionNames);
  new Scratch(options); // Refuses wrong options now, not when a shard is opened.
  const fs = options.fs ?? nodeFileSystem;
  const names = await fs.readdir(path).catch((error: unknown) => Promise.reject(unreadable(path, error)));
  const manifests: Manifest[] = [];
  for (const name of names.filter((one) => one.endsWith('.manifest')).sort()) {
    const text = Buffer.from(await readWhole(fs, join(path, name))).toString('utf8');
    try {
      manifests.push(parseManifest(text));
    } catch (error) {
      throw placed(error, join(path, name));
    }
  }
  const newest = manifests.at(-1);
  if (newest === undefined) throw new TsmError('MISSING', `${path} has no manifest, so it is not a portable backup.`);
  const files = newestFiles(manifests);
  checkNames(path, names, manifests);
  const metaPath = join(path, newest.meta.fileName);
  try {
    const data = portableMetaData(await readWhole(fs, metaPath));
    if (data.length !== newest.meta.size) throw otherSize(newest.meta.size, data.length);
    const meta = decodeMeta(data);
    checkMeta(meta);
    checkNamed(files, meta);
    const spare = new SpareMemory();
    return {
      meta,
      beganMs: beganMs(files.length === 0 ? [newest.meta] : files),
      shards: files.map((file) => storedShard(path, file, () => new Scratch(options, spare), options.fs)),
    };
  } catch (error) {
    throw placed(error, metaPath);
  }
}

/** @param manifests the earliest first */
function newestFiles(manifests: readonly Manifest[]): readonly ManifestFile[] {
  const newest = new Map<number, ManifestFile>();
  for (const file of manifests.toReversed().flatMap(({ files }) => files)) {
    const known = newest.get(file.shardID);
    if (known === undefined || modifiedAt(known) < modifiedAt(file)) newest.set(file.shardID, file);
  }
  return [...newest.values()].sort((a, b) => compareShardNames(nameOf(a), nameOf(b)));
}

function modifiedAt({ lastModified = 0 }: ManifestFile): number {
  return lastModified;
}

function beganMs(files: readonly { readonly fileName: string }[]): number | undefined {
  let oldest = Infinity;
  for (const { fileName } of files) {
    const ms = stampMsOf(fileName);
    if (ms === undefined) return undefined;
    oldest = Math.min(oldest, ms);
  }
  return oldest;
}

function nameOf({ database, policy: retentionPolicy, shardID: id }: ManifestFile): ShardName {
  return { database, retentionPolicy, id };
}

/** An archive that is missing, or that no manifest names, would leave a shard out without a word. */
function checkNames(path: string, names: readonly string[], manifests: readonly Manifest[]): void {
  const named = manifests.flatMap(({ meta, files }) => [meta.fileName, ...files.map(({ fileName }) => fileName)]);
  const present = new Set(names);
  const missing = named.filter((name) => !present.has(name));
  if (missing.length > 0) {
    throw new TsmError(
      'MISSING',
      `${path} lacks ${listed(missing)}, which its manifests name. Copy the whole backup again.`,
    );
  }
  const known = new Set(named);
  const foreign = names.filter((name) => name.endsWith('.tar.gz') && !known.has(name));
  if (foreign.length === 0) return;
  throw new TsmError(
    'MISSING',
    `No manifest in ${path} names ${listed(foreign)}. Copy the manifest too, or move the files away.`,
  );
}

function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

function storedShard(
  path: string,
  file: ManifestFile,
  scratch: () => Scratch,
  fs: FileSystem | undefined,
): StoredShard {
  const { size: sizeBytes, fileName } = file;
  const name = nameOf(file);
  return { ...name, sizeBytes, open };

  async function open(): Promise<Shard> {
    const archive = await fileSource(join(path, fileName), fs);
    try {
      return await unpackShard(ofSize(gunzip(streamOf(archive)), sizeBytes), name, scratch());
    } catch (error) {
      throw placed(error, archive.name);
    } finally {
      await archive.close();
    }
  }
}

/** Passes a tar on, and expects it to have the size that the manifest says. */
async function* ofSize(tar: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let found = 0;
  for await (const piece of tar) {
    found += piece.length;
    yield piece;
  }
  if (found !== sizeBytes) throw otherSize(sizeBytes, found);
}

function otherSize(said: number, found: number): TsmError {
  return damaged(`The manifest says that it has ${said} bytes, and it has ${found}`);
}

/** A manifest and metadata that disagree on a shard: InfluxDB would leave the shard out without a word. */
function checkNamed(files: readonly ManifestFile[], meta: StorageMeta): void {
  if (meta.databases.length === 0) return; // metadata of another kind of backup, which says nothing of shards
  const names = shardsOf(meta);
  for (const { database, policy, shardID } of files) {
    if (names(database, policy, shardID)) continue;
    throw damaged(`The manifest names the shard ${shardID} of ${database}.${policy}, and the metadata does not`);
  }
}

async function readWhole(fs: FileSystem, path: string): Promise<Uint8Array> {
  const source = await fileSource(path, fs);
  try {
    if (source.sizeBytes > MANIFEST_BYTES_MAX)
      throw new TsmError('DAMAGED', `${path} is larger than any file of its kind.`);
    return await source.read(0, source.sizeBytes);
  } finally {
    await source.close();
  }
}
