import type { Writable } from 'node:stream';
import { errnoOf } from '@ceres/internal';

/** Says whether a write failed because the reader of our output has closed it. */
export function isBrokenPipe(error: unknown): boolean {
  return errnoOf(error) === 'EPIPE';
}

/**
 * Lets a command outlive the reader of its output (`ceres check … | head -1`): its work, and the exit code that scripts
 * act on, do not depend on a reader. Node reports each later write again and discards it.
 */
export function outliveReader(output: Writable, onOtherFault: (error: Error) => void): void {
  output.on('error', (error) => {
    if (!isBrokenPipe(error)) onOtherFault(error);
  });
}
