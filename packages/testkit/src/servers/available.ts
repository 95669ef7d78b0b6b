/**
 * Returns whether `find` finds the server that the tests on `what` need. If there is none, it prints a loud notice that
 * says how to get one. In CI (`CI=true`) it throws instead, because a skipped test would go unnoticed there.
 */
export async function available(what: string, find: () => Promise<unknown>): Promise<boolean> {
  try {
    await find();
    return true;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    const line = '!'.repeat(100);
    console.warn(`${line}\nSKIPPED: the tests on ${what}.\n${(error as Error).message}\n${line}`);
    return false;
  }
}

/** Makes a function that calls `find` only once, and returns the same promise at every call. */
export function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => {
    found ??= find();
    return found;
  };
}
