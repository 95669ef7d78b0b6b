import { LineProtocolError } from '../../src/index';

/** Returns the LineProtocolError that a function throws. */
export function errorOf(run: () => unknown): LineProtocolError {
  try {
    run();
  } catch (error) {
    if (error instanceof LineProtocolError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
