import type { ObjectInfo } from '../contract';
import { formatPrefix, parseKey } from '../keys/format-key';
import type { LedgerPartition, UnfinishedSeed } from '../ledger/findings';
import type { SeedIndex } from './seed-index';

/** Counts the files of seeds that no manifest names, by database and policy. */
export class UnfinishedSeeds {
  readonly #index: SeedIndex;
  readonly #byPrefix = new Map<string, { readonly partition: LedgerPartition; files: number }>();

  constructor(index: SeedIndex) {
    this.#index = index;
  }

  add(info: Pick<ObjectInfo, 'key' | 'createdMs'>): void {
    const parts = parseKey(info.key);
    if (parts === undefined) return;
    if (this.#index.isLeftOver(info)) return;
    const { day: _, id: __, ...partition } = parts;
    const prefix = formatPrefix(partition);
    const tally = this.#byPrefix.get(prefix) ?? { partition, files: 0 };
    tally.files += 1;
    this.#byPrefix.set(prefix, tally);
  }

  /** Returns what is unfinished: seeds of which files are there, and those whose manifest is not to be believed. */
  findings(): UnfinishedSeed[] {
    const found = [...this.#byPrefix].map(([prefix, { partition, files }]): UnfinishedSeed => {
      const { instance, database, retentionPolicy } = partition;
      const place = retentionPolicy === undefined ? database : `${database}.${retentionPolicy}`;
      const count =
        files === 1 ? '1 file of it is left out' : `${files.toLocaleString('en-US')} files of it are left out`;
      const todo = 'Run the same `ceres seed` again: it goes on where it stopped';
      // The number is no part of the name: it grows while the seed runs.
      const name = `unfinished-seed/${prefix.slice(0, -1)}`;
      const reason = `seed unfinished: ${place} of ${instance}; ${count}. ${todo}`;
      return { kind: 'unfinished-seed', name, instance, partition, reason };
    });
    return [...this.#index.untrusted, ...found];
  }
}
