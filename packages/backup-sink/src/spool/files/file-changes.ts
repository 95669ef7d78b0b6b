import type { LineSummary } from '@ceres/lineproto';
import type { SpoolFileName, SpoolPartition } from '../layout';

/** A file's first name. */
export interface NewFile {
  readonly partition: SpoolPartition;
  readonly id: string;
  readonly path: string;
  /** When its first lines came, in ms of the sink's steady clock; for a found file when it was opened, or found if that is earlier. */
  readonly sinceMs: number;
}

/** Lines that became durable together: one write's part of a frame. */
export interface AppendedLines {
  readonly lines: number;
  readonly summary: LineSummary | undefined;
}

/** What recovery made of a file. */
export interface RecoveredFile {
  readonly state: 'sealed' | 'compressed';
  readonly id: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly tried: boolean;
}

/** What the compressor made, and left. */
export interface MadeGz {
  /** What the `.gz` was made from could not be removed. */
  readonly hasLeftover: boolean;
  /** Its name says that a put was begun: it is, at once. */
  readonly isMarkedTried: boolean;
}

/** A name of the spool, and where it is. */
export interface FoundName extends SpoolFileName {
  readonly path: string;
}
