import type { Bound } from '../plan/partitions';
import type { DoneFile } from './done-files';
import type { LoadEntry } from './load-record';
import type { SetAside } from './set-aside';

/** What must be the same for a journal to be resumed. */
export interface JournalIdentity {
  readonly plan: string;
  /** The URL of the server. */
  readonly target: string;
  readonly mapDatabase: Readonly<Record<string, string>>;
  readonly mapRetentionPolicy: Readonly<Record<string, string>>;
  readonly precision: string;
}

/** The first line of a journal. */
export interface JournalHeader extends JournalIdentity {
  readonly journal: 1;
  /** The end of the plan when the restore began; a resume ends there too. */
  readonly bound: Bound;
  readonly newestKey: string;
  /** When the restore began, RFC 3339. */
  readonly began?: string;
  /** The shards that a wipe drops first; absent without a wipe. They are in the first line so that no kill comes between. */
  readonly wipe?: readonly number[];
}

/** The other lines of a journal, in the order in which they became true. */
export type JournalEntry =
  /** The `wipe` of the header: older journals have it in a line of its own. */
  | { readonly wipe: readonly number[] }
  /** The shards of the wipe are dropped. */
  | { readonly wiped: true }
  | ({ readonly done: string } & Omit<DoneFile, 'key' | 'damage'>)
  /** A damaged file was left out, in its place among those that are done. */
  | SetAside
  /**
   * Only the first `rewind` files of a database still count as done: an earlier file arrived late, and what follows it is replayed. In older
   * journals it is of all databases.
   */
  | { readonly rewind: number; readonly of?: string }
  | LoadEntry
  | { readonly finished: true };
