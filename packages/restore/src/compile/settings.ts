import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import type { Proof } from '../read/prove-file';
import type { FileInFlight } from '../replay/account/file-in-flight';
import type { RejectBudget, RejectsFolder } from '../replay/account/rejects';
import type { Destinations } from '../replay/destinations';
import type { Progress } from '../replay/progress';
import type { KnownType, ShardPlace } from './compiled-shard';

/** The parts that compiling works with. All but the last six are those of a replay. */
export interface CompileSettings {
  readonly selection: ResolvedSelection;
  /** Proves a file before its first line is used. */
  readonly prove: (file: OrderedFile) => Promise<Proof>;
  readonly destinations: Destinations;
  readonly rejects: RejectsFolder;
  readonly budget: RejectBudget;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The folder for sorted runs and for the files of compiled shards. */
  readonly scratchDir: string;
  /** What records may take in memory before they are written out as sorted runs. */
  readonly memoryBytesMax: number;
  /** Chooses the shards to compile; records of others are passed over, and count nowhere. Default: all. */
  readonly isWanted?: (place: ShardPlace) => boolean;
  /** Returns the types that fields have in a shard already. Default: none. */
  readonly knownTypes?: (place: ShardPlace) => readonly KnownType[];
  /** Called once all records of a file are in runs, in the order of the files. Its counts are final. */
  readonly onFile?: (file: FileInFlight) => Promise<void>;
}
