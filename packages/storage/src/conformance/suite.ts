import type { ObjectReader, ObjectWriter } from '../contract';
import { byteCases } from './bytes';
import { creationCases } from './creation';
import { interruptionCases } from './interruption';
import { keyCases } from './keys';
import { listingCases } from './listing';
import type { TestApi } from './test-api';

export type { TestApi } from './test-api';

/**
 * Declares the tests that every adapter must pass. They import no test runner: pass the `describe` and `it` of yours.
 * Each test calls `open` once, and expects an empty storage that may be written and read.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from '@ceres/storage';
 * import { describe, it } from 'vitest';
 *
 * storageConformance({ describe, it }, async () => new MemoryStorage());
 * ```
 */
export function storageConformance(api: TestApi, open: () => Promise<ObjectWriter & ObjectReader>): void {
  api.describe('storage conformance', () => {
    creationCases(api, open);
    byteCases(api, open);
    listingCases(api, open);
    interruptionCases(api, open);
    keyCases(api, open);
  });
}
