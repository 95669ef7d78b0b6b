import type { ObjectBody } from '../contract';
import { readBody } from '../read-body';

/**
 * A body for one attempt that remembers its own failure: the error of a broken upload does not say which end failed. Its checksum
 * is left to a storage that refuses a wrong one itself.
 */
export class WatchedBody {
  /** What the body threw. It is to be thrown unchanged, whatever the client made of it. */
  failure: { readonly error: unknown } | undefined;
  readonly #chunks: AsyncIterable<Uint8Array>;

  constructor(key: string, body: ObjectBody, signal: AbortSignal) {
    this.#chunks = readBody(key, body, { signal, verifyChecksum: false });
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#chunks;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/**
 * Reads a body again after a storage has refused its checksum: either the body itself is wrong, or it was changed on its way.
 *
 * @throws StorageError `CHECKSUM_MISMATCH`, not retryable, if the body itself is wrong
 */
export async function refuseWrongBody(key: string, body: ObjectBody, signal: AbortSignal): Promise<void> {
  for await (const _ of readBody(key, body, { signal }));
}
