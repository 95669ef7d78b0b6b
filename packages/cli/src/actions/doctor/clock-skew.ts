import type { StoreProbe } from '@ceres/storage/adapter';

/** A store that does not tell its time by then is not asked again. */
const answerMsMax = 10_000;

/**
 * Returns how far the clock of this machine is ahead of the store's, in ms, to about a second: the header `Date` of any answer tells its
 * time, also of a refusal. Returns `undefined` if there is no such answer.
 */
export async function clockSkewMs(probe: StoreProbe | undefined, signal: AbortSignal): Promise<number | undefined> {
  if (probe === undefined) return undefined;
  try {
    const address = await probe.address();
    const startMs = Date.now();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)]);
    const { headers } = await fetch(address, { method: 'HEAD', redirect: 'manual', signal: limit });
    const middleMs = (startMs + Date.now()) / 2;
    const storeMs = Date.parse(headers.get('date') ?? '');
    return Number.isNaN(storeMs) ? undefined : middleMs - (storeMs + 500); // the header has whole seconds, rounded down
  } catch {
    signal.throwIfAborted();
    return undefined; // what is wrong with the way to the store, the first create says
  }
}
