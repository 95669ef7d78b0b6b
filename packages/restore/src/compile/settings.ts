import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import type { Proof } from '../read/prove-file';
import type { FileInFlight } from '../replay/account/file-in-flight';
import type { RejectBudget, RejectsFolder } from '../replay/account/rejects';
import type { Destinations } from '../replay/destinations';
import type { Progress } from '../replay/progress';
import type { ShardChoice } from './compiled-shard';
import type { Crew } from './threads/crew';

/** The parts that compiling works with. All but the last four are those of a replay. */
export interface CompileSettings {
  readonly selection: ResolvedSelection;
  /** Proves a file before its first line is used. */
  readonly prove: (file: OrderedFile) => Promise<Proof>;
  readonly destinations: Destinations;
  readonly rejects: RejectsFolder;
  readonly budget: RejectBudget;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The threads that compile. What they write stays in their scratch folder until it is released. */
  readonly crew: Crew;
  /** Default: all shards, of which nothing is known. */
  readonly choice?: ShardChoice;
  /** Called once all records of a file are in runs, in the order of the files. Its counts are final. */
  readonly onFile?: (file: FileInFlight) => Promise<void>;
  /** Called once all records of all files are. */
  readonly onRead?: () => void;
}
