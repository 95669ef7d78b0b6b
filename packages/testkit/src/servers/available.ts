/**
 * Whether `find` finds a server for `what`. Where there is none, it says so loudly, with the way to get one; in CI
 * (`CI=true`) it throws instead, since a skipped integration test there would be a silent hole.
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
