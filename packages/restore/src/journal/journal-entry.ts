import type { DoneFile } from './done-files';
import type { LoadEntry } from './load-record';
import type { SetAside } from './set-aside';

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
