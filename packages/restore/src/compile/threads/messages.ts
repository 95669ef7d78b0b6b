import { RestoreError, type RestoreErrorCode } from '../../errors';
import type { ShardChoice } from '../compiled-shard';
import type { BatchOutcome } from '../records/batch-outcome';
import type { WrittenShard } from '../shards/run';
import type { Route } from '../shards/unit';

/** What a thread is made with. */
export interface ThreadData {
  /** The folder in which it makes a scratch folder of its own. */
  readonly scratchDir: string;
  readonly memoryBytesMax: number;
  /** The memory that batches are copied into: new memory for each one costs more than the copy. */
  readonly ring: SharedArrayBuffer;
  /** The memory that batches may lie in already. */
  readonly lines?: SharedArrayBuffer | undefined;
}

/** What a thread is asked to do, in this order for each database. */
export type ThreadRequest =
  | { readonly begin: ShardChoice }
  | { readonly open: Route }
  /** A batch in the ring, or where the lines are. */
  | { readonly at: number; readonly length: number; readonly isInLines?: true }
  /** A batch that is too large for the ring. */
  | { readonly bytes: Uint8Array }
  | { readonly next: 'shard' };

/** What a thread answers to a batch and to each `next`, in the order of the questions. */
export type ThreadAnswer =
  | { readonly outcome: BatchOutcome }
  | { readonly shard: WrittenShard | undefined }
  /** Nothing follows. */
  | { readonly fault: Fault };

/** An error on its way to another thread. */
export interface Fault {
  /** The code of a `RestoreError`. */
  readonly code: RestoreErrorCode | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

export function faultOf(error: unknown): Fault {
  const code = error instanceof RestoreError ? error.code : undefined;
  if (!(error instanceof Error)) return { code, message: String(error), stack: undefined };
  return { code, message: error.message, stack: error.stack };
}

/** Returns the error that a fault was made from. */
export function errorOf({ code, message, stack }: Fault): Error {
  const error = code === undefined ? new Error(message) : new RestoreError(code, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
