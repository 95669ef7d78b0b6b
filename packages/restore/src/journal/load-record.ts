import type { FieldType } from '@ceres/tsm';
import { type KnownType, type ShardPlace, shardIdentity } from '../compile/compiled-shard';
import type { DoneFile } from './done-files';
import { formatSetAside, parseSetAside, type SetAside } from './set-aside';

/** A shard in a journal: its policy, and the first time of its group in ns, as text. */
export interface JournalPlace {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly start: string;
}

/** The lines of a journal that only a native restore writes. */
export type LoadEntry =
  /** What became of a file of a database whose shards are about to be loaded. It is done once they are. */
  | { readonly counted: ({ readonly done: string } & Omit<DoneFile, 'key' | 'damage'>) | SetAside }
  /** Every file of the database is counted; from here on its shards are loaded. */
  | { readonly loading: string }
  /** A type that a shard on the server had before. Names have one character for each byte. */
  | {
      readonly type: JournalPlace & { readonly measurement: string; readonly field: string; readonly type: FieldType };
    }
  /** An upload of a shard begins: names up to this sequence are used up, whatever becomes of it. */
  | { readonly upload: JournalPlace & { readonly sequence: number } }
  /** The server has the shard. */
  | { readonly loaded: JournalPlace };

/** What a native restore has loaded, by shard. */
export class LoadRecord {
  readonly #counted = new Map<string, DoneFile[]>();
  /** The same, also once a type made them wrong. */
  readonly #earlier = new Map<string, readonly DoneFile[]>();
  #open: DoneFile[] = [];
  readonly #types = new Map<string, KnownType[]>();
  readonly #sequences = new Map<string, number>();
  readonly #loaded = new Set<string>();
  /** The databases of these shards. */
  readonly #databases = new Set<string>();

  apply(entry: LoadEntry): void {
    if ('counted' in entry) this.#open.push(fileOf(entry.counted));
    else if ('loading' in entry) {
      this.#counted.set(entry.loading, this.#open);
      this.#earlier.set(entry.loading, this.#open);
      this.#open = [];
    } else if ('type' in entry) {
      const { type, measurement, field } = entry.type;
      const known = { measurement: Buffer.from(measurement, 'latin1'), field: Buffer.from(field, 'latin1'), type };
      // What was counted does not hold any more: the type makes other records conflicts.
      this.#counted.delete(entry.type.database);
      const name = nameOf(entry.type);
      const others = this.#types.get(name);
      if (others === undefined) this.#types.set(name, [known]);
      else others.push(known);
    } else if ('upload' in entry) this.#sequences.set(nameOf(entry.upload), entry.upload.sequence);
    else {
      this.#loaded.add(nameOf(entry.loaded));
      this.#databases.add(entry.loaded.database);
    }
  }

  /** Returns what became of the files of a database whose shards are being loaded; `undefined` before that. */
  files(database: string): readonly DoneFile[] | undefined {
    return this.#counted.get(database);
  }

  /** Returns the files of a database as they were when its shards began to be loaded. */
  earlierFiles(database: string): readonly DoneFile[] {
    return this.#earlier.get(database) ?? [];
  }

  /** Returns whether the server has a shard. */
  isLoaded(place: ShardPlace): boolean {
    return this.#loaded.has(shardIdentity(place));
  }

  /** Returns whether the server has any shard of a database. */
  hasLoaded(database: string): boolean {
    return this.#databases.has(database);
  }

  /** The shards that the server has, by `shardIdentity`. */
  get loaded(): ReadonlySet<string> {
    return this.#loaded;
  }

  /** The types that shards had before, by `shardIdentity`. */
  get types(): ReadonlyMap<string, readonly KnownType[]> {
    return this.#types;
  }

  /** Returns the highest sequence that an upload into a shard may have used. */
  sequence(place: ShardPlace): number {
    return this.#sequences.get(shardIdentity(place)) ?? 0;
  }
}

/** Returns the line for a file that is counted. */
export function countedLine({ key, damage, ...rest }: DoneFile): LoadEntry {
  return { counted: damage ? formatSetAside(key, damage) : { done: key, ...rest } };
}

export function journalPlace({ database, retentionPolicy, startNs }: ShardPlace): JournalPlace {
  return { database, retentionPolicy, start: String(startNs) };
}

function nameOf({ database, retentionPolicy, start }: JournalPlace): string {
  return shardIdentity({ database, retentionPolicy, startNs: BigInt(start) });
}

function fileOf(line: Extract<LoadEntry, { counted: unknown }>['counted']): DoneFile {
  return 'setAside' in line ? parseSetAside(line) : { ...line, key: line.done };
}
