import type { ObjectReader, ObjectWriter } from '../contract';

/** What the suite needs of a test runner; vitest, jest, mocha and node:test fit (the last with a small wrapper). */
export interface TestApi {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>, timeoutMs?: number): void;
}

/** An empty storage that accepts creations and reads. */
export type OpenStorage = () => Promise<ObjectWriter & ObjectReader>;
