/**
 * Runs two pieces of work at once. If one fails, the other is aborted and waited for, and what the first has made is undone.
 *
 * @throws what failed first; the signal's reason
 */
export async function atOnce<Made, Read>(
  signal: AbortSignal | undefined,
  making: { readonly make: (signal: AbortSignal) => Promise<Made>; readonly undo: (made: Made) => Promise<void> },
  read: (signal: AbortSignal) => Promise<Read>,
): Promise<readonly [Made, Read]> {
  const failed = new AbortController();
  const interrupt = () => failed.abort(signal?.reason);
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted) interrupt();
  const fail = (error: unknown) => {
    failed.abort(error);
    throw failed.signal.reason;
  };
  try {
    const [made, found] = await Promise.allSettled([
      making.make(failed.signal).catch(fail),
      read(failed.signal).catch(fail),
    ]);
    if (made.status === 'fulfilled' && found.status === 'fulfilled') return [made.value, found.value];
    if (made.status === 'fulfilled') await making.undo(made.value);
    throw failed.signal.reason;
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}
