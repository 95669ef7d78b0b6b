import type { ObjectInfo, ObjectReader } from '../contract';
import { StorageError } from '../errors';
import { type KeyParts, parseKey } from '../keys/format-key';
import type { UnfinishedSeed } from '../ledger/findings';
import { listObjects } from '../retry/list-objects';
import type { RetryOptions } from '../retry/retry';
import { isManifestCode } from './faults';
import type { SeedFile, SeedManifest } from './manifest';
import { readSeedManifest } from './read-manifest';
import { isFirstSeedMs, parseSeedManifestKey, seedPrefix } from './seed-key';

/** A seed that is finished: its manifest is there, and can be believed. */
export interface FinishedSeed {
  readonly manifest: SeedManifest;
  /** When the storage created its manifest, in ms since the epoch. */
  readonly createdMs: number;
}

/** A file that is gone, as far as it is known. */
export interface LostFile extends KeyParts {
  /** The least and greatest timestamp of its records, in ns since the epoch. */
  readonly fromNs?: bigint | undefined;
  readonly toNs?: bigint | undefined;
}

/** The seeds of an instance, or of all: which files belong to them, and which gaps they close. */
export class SeedIndex {
  /** The finished seeds, the one that was taken first before the others. */
  readonly seeds: readonly FinishedSeed[];
  /** Manifests that are not to be believed: their seeds are unfinished. */
  readonly untrusted: readonly UnfinishedSeed[];
  readonly #files = new Map<string, { readonly seed: FinishedSeed; readonly file: SeedFile }>();
  readonly #lastIds = new Map<string, string>();
  readonly #firstNames = new Map<FinishedSeed, string>();

  /** @param excluded the keys of files that are left out: a seed that loses one of them closes no gap */
  constructor(
    seeds: readonly FinishedSeed[] = [],
    untrusted: readonly UnfinishedSeed[] = [],
    excluded: ReadonlySet<string> = new Set(),
  ) {
    this.seeds = [...seeds].sort((a, b) => a.manifest.takenMs - b.manifest.takenMs);
    this.untrusted = untrusted;
    for (const seed of this.seeds) this.#add(seed, excluded);
  }

  /**
   * Reads the manifests of an instance, or of all. A few seeds are usual, and each is held in memory.
   *
   * @throws StorageError once retrying has not helped
   */
  static async read(
    reader: ObjectReader,
    instance: string | undefined,
    { excluded, ...retry }: RetryOptions & { readonly excluded?: ReadonlySet<string> },
  ): Promise<SeedIndex> {
    const seeds: FinishedSeed[] = [];
    const untrusted: UnfinishedSeed[] = [];
    for await (const info of listObjects(reader, seedPrefix(instance), retry)) {
      const parts = parseSeedManifestKey(info.key);
      if (parts === undefined) continue; // not a name of ours
      try {
        seeds.push({ manifest: await readSeedManifest(reader, info, retry), createdMs: info.createdMs });
      } catch (error) {
        if (!(error instanceof StorageError && isManifestCode(error.code))) throw error;
        const name = `unfinished-seed/${info.key}`;
        untrusted.push({ kind: 'unfinished-seed', name, instance: parts.instance, reason: error.message });
      }
    }
    return new SeedIndex(seeds, untrusted, excluded);
  }

  #add(seed: FinishedSeed, excluded: ReadonlySet<string>): void {
    let first: string | undefined;
    for (const file of seed.manifest.files) {
      const parts = parseKey(file.key);
      if (parts === undefined) continue; // the manifest was proven: this does not happen
      this.#files.set(file.key, { seed, file });
      const name = nameOf(parts);
      if (first === undefined || name < first) first = name;
      const place = placeOf(parts);
      if ((this.#lastIds.get(place) ?? '') < name) this.#lastIds.set(place, name);
    }
    const isWhole = !seed.manifest.files.some(({ key }) => excluded.has(key));
    if (first !== undefined && isWhole) this.#firstNames.set(seed, first);
  }

  /** Returns what a finished seed says of a file, and which seed that is. */
  find(key: string): { readonly seed: FinishedSeed; readonly file: SeedFile } | undefined {
    return this.#files.get(key);
  }

  /** Returns whether a file is of a first seed, and no manifest names it: Ceres leaves it out. */
  isUnnamed({ key, openedMs }: { readonly key: string; readonly openedMs: number | undefined }): boolean {
    return openedMs !== undefined && isFirstSeedMs(openedMs) && !this.#files.has(key);
  }

  /**
   * Returns whether a file that no manifest names was left behind by an attempt that a finished seed has made up for. It
   * is no sign of an unfinished seed then.
   */
  isLeftOver({ key, createdMs }: Pick<ObjectInfo, 'key' | 'createdMs'>): boolean {
    const parts = parseKey(key);
    if (parts === undefined) return false;
    const { database, retentionPolicy = '' } = parts;
    if (nameOf(parts) <= (this.#lastIds.get(placeOf(parts)) ?? '')) return true;
    return this.seeds.some(
      ({ manifest, createdMs: finishedMs }) =>
        manifest.instance === parts.instance && createdMs <= finishedMs && holds(manifest, database, retentionPolicy),
    );
  }

  /**
   * Returns the seed that holds what a lost file held: its names come after that of the file, and it covers the database, policy and
   * times. A seed of some measurements does not, and neither does one that could not read everything.
   */
  closerOf(lost: LostFile): SeedManifest | undefined {
    if (lost.quarantine) return undefined;
    const name = nameOf(lost);
    return this.seeds.find((seed) => {
      const first = this.#firstNames.get(seed);
      return first !== undefined && name < first && covers(seed.manifest, lost);
    })?.manifest;
  }
}

/** Returns what the files of a seed and those of sinks are ordered by. */
function nameOf({ day, id }: Pick<KeyParts, 'day' | 'id'>): string {
  return `${day}/${id}`;
}

function placeOf({ instance, database, retentionPolicy = '' }: KeyParts): string {
  return JSON.stringify([instance, database, retentionPolicy]);
}

/** Returns whether a seed has read a policy; `''` is the database's default policy. */
function holds({ partitions }: SeedManifest, database: string, retentionPolicy: string): boolean {
  return partitions.some(
    (partition) =>
      partition.database === database &&
      (retentionPolicy === '' ? partition.isDefault : partition.retentionPolicy === retentionPolicy),
  );
}

function covers(
  manifest: SeedManifest,
  { instance, database, retentionPolicy = '', mixed, fromNs, toNs }: LostFile,
): boolean {
  const { selection, losses } = manifest;
  if (manifest.instance !== instance || losses.length > 0 || selection.measurements !== undefined) return false;
  if (mixed && selection.policies !== undefined) return false; // which policies it had is not known
  if (!holds(manifest, database, mixed ? '' : retentionPolicy)) return false;
  const { fromNs: first, toNs: end } = selection;
  return (
    (first === undefined || (fromNs !== undefined && first <= fromNs)) &&
    (end === undefined || (toNs !== undefined && toNs < end))
  );
}
