import type { ObjectInfo } from '../contract';
import { type KeyParts, parseKey } from '../keys/format-key';
import type { SeedIndex } from '../seed/seed-index';
import type { LostFiles } from './findings';
import { LostRanges } from './lost-ranges';
import type { CountNamed } from './read/named-keys';

/** Finds files that manifests name, and that the storage does not hold as they were stored. */
export class SeedLosses {
  readonly #index: SeedIndex;
  readonly #select: (file: KeyParts) => boolean;
  /** The keys that were listed; those with another size are `false`. */
  readonly #listed = new Map<string, boolean>();

  constructor(index: SeedIndex, select: (file: KeyParts) => boolean = () => true) {
    this.#index = index;
    this.#select = select;
  }

  /** Returns whether a manifest names the file, and remembers that the storage holds it. */
  isStored({ key, sizeBytes }: ObjectInfo): boolean {
    const found = this.#index.find(key);
    if (found === undefined) return false;
    this.#listed.set(key, found.file.bytes === sizeBytes);
    return true;
  }

  /** Returns what is lost, and apart from it what a later seed has made up for; counts what is there. */
  lost(count: CountNamed | undefined): { readonly lost: LostFiles[]; readonly closed: LostFiles[] } {
    const [lost, closed] = [new LostRanges(), new LostRanges()];
    for (const { manifest } of this.#index.seeds) {
      for (const { key, bytes, digest, lines, firstNs, lastNs } of manifest.files) {
        const parts = parseKey(key);
        if (parts === undefined || !this.#select(parts)) continue;
        const isWhole = this.#listed.get(key);
        const times = { fromNs: firstNs, toNs: lastNs };
        if (isWhole) count?.({ state: 'stored', key, sizeBytes: bytes, md5: digest, lines, ...times }, parts);
        else {
          const { day, id: _, ...partition } = parts;
          const into = this.#index.closerOf({ ...parts, ...times }) === undefined ? lost : closed;
          into.add({ kind: isWhole === false ? 'resized' : 'lost', partition, day, lines, ...times });
        }
      }
    }
    return { lost: lost.findings(), closed: closed.findings() };
  }
}
