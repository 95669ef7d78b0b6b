import type { Writable } from 'node:stream';

/** Whether whoever read our output has closed it. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/**
 * Lets a command outlive the reader of its output (`ceres check … | head -1`): what it does, and the exit code that
 * scripts decide on, depend on nobody's listening. Node reports each later write again, and sends it nowhere.
 */
export function outliveReader(output: Writable, onOtherFault: (error: Error) => void): void {
  output.on('error', (error) => {
    if (!isBrokenPipe(error)) onOtherFault(error);
  });
}
