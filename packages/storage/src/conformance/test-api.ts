import type { ObjectReader, ObjectWriter } from '../contract';

/** What the suite needs from a test runner. Those of vitest, jest and mocha fit; node:test needs a small wrapper. */
export interface TestApi {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>, timeoutMs?: number): void;
}

/** Opens an empty storage that may be written and read. */
export type OpenStorage = () => Promise<ObjectWriter & ObjectReader>;
