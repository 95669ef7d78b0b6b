import type { ObjectReader, ObjectWriter } from './index';
export interface TestApi {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>, timeoutMs?: number): void;
}
export declare function storageConformance(api: TestApi, open: () => Promise<ObjectWriter & ObjectReader>): void;
