import { withDeadline } from '@ceres/internal';
import { StorageError } from '../errors';
import type { Answer, FailedCall } from './answers';
import { checkCanary } from './store-probe';

/** One call of a `StoreProbe`. */
export interface CanaryCall {
  /** The middle of a sentence, such as `delete "~doctor/a" in gs://bucket`. */
  readonly what: string;
  readonly canary: string;
  /** The longest wait for the answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Says what a failure means, as for the adapter's own calls. */
  readonly explain: (failed: FailedCall) => Answer;
}

/**
 * Makes one attempt on a canary, and on nothing else.
 *
 * @throws StorageError as explained, and `DENIED` where a create would have found that there is an object; the signal's reason
 */
export async function tryOnCanary<T>(
  { what, canary, timeoutMs, signal, explain }: CanaryCall,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  checkCanary(canary);
  const late = () => new StorageError('UNAVAILABLE', `Cannot ${what}: no answer in ${timeoutMs} ms.`, { key: canary });
  return await withDeadline({ ms: timeoutMs, error: late, signal }, async (limited) => {
    try {
      return await send(limited);
    } catch (cause) {
      if (cause instanceof StorageError) throw cause;
      const { means, error } = explain({ what, key: canary, cause });
      // Some stores say "there is an object" only to one who may not replace it.
      throw means === 'exists' ? new StorageError('DENIED', error.message, { key: canary, cause }) : error;
    }
  });
}
