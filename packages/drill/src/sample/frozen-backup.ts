import { type Hash64, hashText } from '@ceres/internal';
import {
  type CallOptions,
  formatPrefix,
  listObjects,
  type ObjectInfo,
  type ObjectReader,
  parseKey,
} from '@ceres/storage';
import { openedMsIn, schemaPrefix, seedPrefix } from '@ceres/storage/internal';

/** The files of one database and policy, by their days. */
export interface Partition {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly files: number;
  readonly bytes: number;
  /** The compressed bytes of each UTC day, YYYYMMDD. */
  readonly days: ReadonlyMap<string, number>;
}

/** Finds the newest of some files. */
export interface FileFilter {
  readonly databases?: ReadonlySet<string>;
  readonly firstDay?: string;
  readonly lastDay?: string;
}

interface Tally {
  readonly database: string;
  readonly retentionPolicy: string;
  files: number;
  bytes: number;
  readonly days: Map<string, number>;
  /** The newest file of each day. */
  readonly newest: Map<string, { readonly key: string; readonly openedMs: number }>;
}

/**
 * A backup as it was listed once: sinks go on storing, and what is restored and what is compared must be the same files. It shows no heartbeats, since those
 * speak of all files, and are judged apart from it. A name takes 8 bytes.
 */
export class FrozenBackup implements ObjectReader {
  readonly #storage: ObjectReader;
  readonly #names: BigUint64Array;
  readonly #tallies: readonly Tally[];

  private constructor(storage: ObjectReader, names: BigUint64Array, tallies: readonly Tally[]) {
    this.#storage = storage;
    this.#names = names;
    this.#tallies = tallies;
  }

  /**
   * Lists the files of an instance, its seeds and its schemas.
   *
   * @throws StorageError once retrying has not helped
   */
  static async take(storage: ObjectReader, instance: string, signal: AbortSignal | undefined): Promise<FrozenBackup> {
    const names = new Names();
    const tallies = new Map<string, Tally>();
    // Manifests come first: what they name was stored before them, and so is listed after them.
    for (const prefix of [seedPrefix(instance), schemaPrefix(instance), formatPrefix({ instance })]) {
      for await (const info of listObjects(storage, prefix, { signal })) {
        names.add(info.key);
        count(tallies, info);
      }
    }
    return new FrozenBackup(storage, names.sorted(), [...tallies.values()]);
  }

  get partitions(): readonly Partition[] {
    return this.#tallies;
  }

  /** Returns the key of the file that was opened last, of those that are selected. */
  newest({ databases, firstDay = '', lastDay = '99999999' }: FileFilter): string {
    let found = { key: '', openedMs: Number.NEGATIVE_INFINITY };
    for (const { database, newest } of this.#tallies) {
      if (databases?.has(database) === false) continue;
      for (const [day, file] of newest) {
        if (day >= firstDay && day <= lastDay && file.openedMs > found.openedMs) found = file;
      }
    }
    return found.key;
  }

  async *list(prefix: string, options?: CallOptions & { readonly startAfter?: string }): AsyncGenerator<ObjectInfo> {
    for await (const info of this.#storage.list(prefix, options)) {
      if (has(this.#names, hashOf(info.key))) yield info;
    }
  }

  get(
    key: string,
    options?: CallOptions & { readonly start?: number; readonly end?: number },
  ): AsyncIterable<Uint8Array> {
    return this.#storage.get(key, options);
  }
}

function count(tallies: Map<string, Tally>, { key, sizeBytes, createdMs }: ObjectInfo): void {
  const parts = parseKey(key);
  if (parts === undefined || parts.quarantine) return;
  const { database, retentionPolicy = '', day, id } = parts;
  const name = JSON.stringify([database, retentionPolicy]);
  const tally: Tally = tallies.get(name) ?? {
    database,
    retentionPolicy,
    files: 0,
    bytes: 0,
    days: new Map(),
    newest: new Map(),
  };
  tallies.set(name, tally);
  tally.files += 1;
  tally.bytes += sizeBytes;
  tally.days.set(day, (tally.days.get(day) ?? 0) + sizeBytes);
  const openedMs = openedMsIn(id) ?? createdMs;
  if ((tally.newest.get(day)?.openedMs ?? Number.NEGATIVE_INFINITY) <= openedMs)
    tally.newest.set(day, { key, openedMs });
}

/** Hashes of names, in memory that doubles when it is full. */
class Names {
  #hashes = new BigUint64Array(1024);
  #size = 0;

  add(name: string): void {
    if (this.#size === this.#hashes.length) {
      const larger = new BigUint64Array(2 * this.#size);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#size] = hashOf(name);
    this.#size += 1;
  }

  sorted(): BigUint64Array {
    return this.#hashes.slice(0, this.#size).sort();
  }
}

const scratch: Hash64 = { hi: 0, lo: 0 };

/** Returns 64 bits: two of a million names are alike once in 37 million backups. */
function hashOf(name: string): bigint {
  hashText(name, scratch);
  return (BigInt(scratch.hi) << 32n) | BigInt(scratch.lo);
}

function has(sorted: BigUint64Array, hash: bigint): boolean {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as bigint) < hash) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === hash;
}
