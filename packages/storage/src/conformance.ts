import { byteCases } from './conformance/bytes';
import { creationCases } from './conformance/creation';
import { interruptionCases } from './conformance/interruption';
import { keyCases } from './conformance/keys';
import { listingCases } from './conformance/listing';
import type { TestApi } from './conformance/test-api';
import type { ObjectReader, ObjectWriter } from './contract';

export type { TestApi } from './conformance/test-api';

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
