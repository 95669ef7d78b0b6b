import type { Journal } from '../journal/journal';
import type { ResolvedRestore } from '../options/restore';
import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import type { RejectsFolder } from '../replay/account/rejects';
import type { Poster } from '../replay/deliver/poster';
import type { Progress } from '../replay/progress';
import type { RestoreProofs } from '../salvage/prove-for-replay';
import type { LeftOut } from '../server/left-out/left-out';
import type { ServerSchema } from '../server/policies/schema';
import type { NativeServer } from './native-server';
import type { ResolvedNative } from './options';

/** The parts that a native restore works with. */
export interface NativeRestore {
  readonly files: AsyncIterable<OrderedFile>;
  readonly selection: ResolvedSelection;
  readonly proofs: RestoreProofs;
  readonly settings: ResolvedRestore;
  readonly native: ResolvedNative;
  readonly schema: ServerSchema;
  readonly leftOut: readonly LeftOut[];
  readonly journal: Journal;
  readonly rejects: RejectsFolder;
  readonly progress: Progress;
  readonly poster: Poster;
  readonly server: NativeServer;
  /** The sizes of the server's shards by their ids; empty where none of them is read. */
  readonly liveSizes: ReadonlyMap<number, number>;
  readonly signal: AbortSignal;
}

/** The files that go into one database. */
export interface DatabaseFiles {
  readonly database: string;
  readonly files: readonly OrderedFile[];
}
