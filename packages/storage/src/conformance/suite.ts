import type { ObjectReader, ObjectWriter } from '../contract';
import { byteCases } from './bytes';
import { creationCases } from './creation';
import { interruptionCases } from './interruption';
import { keyCases } from './keys';
import { listingCases } from './listing';
import type { TestApi } from './test-api';

export type { TestApi } from './test-api';

/**
 * Declares the tests that every adapter passes. They import no test runner: hand over the `describe` and `it` of yours.
 * A case calls `open` once and expects an empty storage that accepts creations and reads.
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
