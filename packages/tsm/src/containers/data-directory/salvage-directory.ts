import { join } from 'node:path';
import type { StorageMeta } from '../../meta/storage-meta';
import type { FieldTypes } from '../../names/fields-index';
import type { SeriesSet } from '../../names/series-set';
import type { SalvageOptions } from '../../salvage/contract';
import { type ShardLimits, ShardLosses } from '../../salvage/losses';
import { openSalvagedShard } from '../../salvage/open-salvaged-shard';
import type { NameFiles } from '../../salvage/salvage-names';
import { isDamage } from '../../salvage/salvaged-file';
import type { Shard } from '../../shards/contract';
import type { ShardContainer, StoredShard } from '../contract';
import type { ShardName } from '../shard-name';
import { DirectoryNames } from './directory-names';
import { type DamagedDirectory, listDamagedShards } from './list-damaged-shards';
import { openShardFiles, type ShardFolder, shardSize } from './shard-files';

/** Opens a data directory that may be damaged: its shards have what can be read of them. */
export async function salvageDirectory(directory: DamagedDirectory, salvage: SalvageOptions): Promise<ShardContainer> {
  const meta = await readDamagedMeta(directory, salvage);
  const limits = limitsOf(meta);
  const folders = await listDamagedShards(directory, salvage);
  reportMissing(directory, meta, folders, limits, salvage);
  const names = new SalvagedNames(directory, salvage);
  const shards: StoredShard[] = [];
  for (const folder of folders) {
    const { database, retentionPolicy, id } = folder;
    const losses = new ShardLosses(salvage, { database, retentionPolicy, id }, limits.get(id));
    shards.push({
      database,
      retentionPolicy,
      id,
      sizeBytes: await shardSize(directory.fs, folder),
      open: async (): Promise<Shard> => {
        const nameFiles = await names.of(folder, losses);
        return openSalvagedShard(await openShardFiles(directory.fs, folder), nameFiles, losses);
      },
    });
  }
  return { meta, shards };
}

async function readDamagedMeta(
  { readMeta, metaPath }: DamagedDirectory,
  { onLoss }: SalvageOptions,
): Promise<StorageMeta | undefined> {
  try {
    return await readMeta();
  } catch (error) {
    if (!isDamage(error)) throw error;
    onLoss({
      kind: 'file',
      file: metaPath,
      reason: `Databases, policies and shard groups cannot be read. ${error.message}`,
    });
    return undefined;
  }
}

function limitsOf(meta: StorageMeta | undefined): ReadonlyMap<number, ShardLimits> {
  const groups = (meta?.databases ?? []).flatMap(({ retentionPolicies }) =>
    retentionPolicies.flatMap(({ shardGroups }) => shardGroups),
  );
  return new Map(
    groups.flatMap(({ shardIds, startNs, endNs }) =>
      shardIds.map((id) => [id, { firstNs: startNs, lastNs: endNs - 1n }] as const),
    ),
  );
}

/**
 * Reports the shards that the metadata names and that have no folder. The server names shards ahead of time, and makes their folders when the first point
 * comes: so a shard is only missing if a later one of its policy is there.
 */
function reportMissing(
  { dataDir }: DamagedDirectory,
  meta: StorageMeta | undefined,
  folders: readonly ShardName[],
  limits: ReadonlyMap<number, ShardLimits>,
  salvage: SalvageOptions,
): void {
  const present = new Set(folders.map(({ id }) => id));
  for (const { name: database, retentionPolicies } of meta?.databases ?? []) {
    for (const { name: retentionPolicy, shardGroups } of retentionPolicies) {
      const groups = shardGroups.filter(({ deletedAtNs }) => deletedAtNs === undefined);
      const later = groups.filter(({ shardIds }) => shardIds.some((id) => present.has(id)));
      const lastNs = later.reduce<bigint | undefined>(
        (last, { endNs }) => (last === undefined || endNs > last ? endNs : last),
        undefined,
      );
      for (const { shardIds, endNs } of groups) {
        if (lastNs === undefined || endNs > lastNs) continue;
        for (const id of shardIds.filter((one) => !present.has(one))) {
          const losses = new ShardLosses(salvage, { database, retentionPolicy, id }, limits.get(id));
          const file = join(dataDir, database, retentionPolicy, String(id));
          losses.lost({
            kind: 'shard',
            file,
            reason: 'The metadata names the shard, and neither its files nor its WAL are there.',
          });
        }
      }
    }
  }
}

/** Reads the names that a directory knows, and says once where they are missing or damaged. */
class SalvagedNames {
  readonly #names: DirectoryNames;
  readonly #salvage: SalvageOptions;
  #series: { readonly database: string; readonly set: Promise<SeriesSet | undefined> } | undefined;

  constructor({ dataDir, fs }: DamagedDirectory, salvage: SalvageOptions) {
    this.#names = new DirectoryNames(dataDir, fs);
    this.#salvage = salvage;
  }

  async of({ database, folder }: ShardFolder, losses: ShardLosses): Promise<NameFiles> {
    const seriesPath = this.#names.seriesFolder(database);
    if (this.#series?.database !== database) this.#series = { database, set: this.#seriesOf(database, seriesPath) };
    const series = await this.#series.set;
    const fieldsPath = join(folder, 'fields.idx');
    return { series, seriesPath, fields: await this.#fieldsOf(folder, fieldsPath, losses), fieldsPath };
  }

  async #seriesOf(database: string, path: string): Promise<SeriesSet | undefined> {
    const unchecked = (why: string) =>
      this.#salvage.onUnchecked?.({ file: path, reason: `${why} The series of ${database} are not checked.` });
    const series = await orDamage(this.#names.seriesOf(database), unchecked);
    if (series === 'missing') unchecked('It is missing.');
    return typeof series === 'string' ? undefined : series;
  }

  async #fieldsOf(folder: string, path: string, losses: ShardLosses): Promise<FieldTypes | undefined> {
    const unchecked = (why: string) =>
      losses.unchecked(path, `${why} The fields of the shard are only held against each other.`);
    const fields = await orDamage(this.#names.fieldsOf(folder), unchecked);
    if (fields === 'missing') unchecked('It is missing.');
    return typeof fields === 'string' ? undefined : fields;
  }
}

async function orDamage<T extends object>(
  reading: Promise<T | undefined>,
  onDamage: (why: string) => void,
): Promise<T | 'missing' | 'damaged'> {
  try {
    return (await reading) ?? 'missing';
  } catch (error) {
    if (!isDamage(error)) throw error;
    onDamage(error.message);
    return 'damaged';
  }
}
