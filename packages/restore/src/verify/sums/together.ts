import { listen } from '@ceres/internal';

/** Work that ends soon after its signal aborts. */
export type Stoppable<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Does two works at the same time, and resolves once both have ended. When one fails, the other is aborted.
 *
 * @throws what failed first; the signal's reason
 */
export async function together<A, B>(
  first: Stoppable<A>,
  second: Stoppable<B>,
  signal: AbortSignal | undefined,
): Promise<readonly [A, B]> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  const unlisten = signal && listen(signal, onAbort);
  const orStop = async <T>(work: Stoppable<T>): Promise<T> => {
    try {
      return await work(stop.signal);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  const works = [orStop(first), orStop(second)] as const;
  try {
    return await Promise.all(works);
  } finally {
    await Promise.allSettled(works);
    unlisten?.();
  }
}
