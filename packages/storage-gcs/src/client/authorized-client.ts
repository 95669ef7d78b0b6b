import { StorageError } from '@ceres/storage';
import { withDeadline } from '@ceres/storage/adapter';
import type { Storage } from '@google-cloud/storage';
import { explain } from '../answers';
import type { ResolvedOptions } from '../options';

/** The call that needs the client, for its errors. */
interface Purpose {
  /** The middle of a sentence, such as `store "a.gz" in gs://bucket`. */
  readonly what: string;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Google's client, asked for credentials before each request.
 *
 * Asking first tells "no credentials yet" from "no permission". Without this, the client sends a request without credentials
 * if it finds none, and reports what Google thinks of anonymous callers; or it reports the metadata server's 404 in a way
 * that looks like Google's about the bucket.
 *
 * After a failure it makes a new client, because the failed one remembers: a refresh that hangs is joined by the next one,
 * and a key file is read once. A ready client is the caller's, and stays.
 */
export class AuthorizedClient {
  readonly #options: ResolvedOptions;
  #made: Storage | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /**
   * Returns a client that has a valid token, which it keeps until shortly before it expires.
   *
   * @throws StorageError `DENIED` or `UNAVAILABLE`; the signal's reason
   */
  async get({ what, key, signal }: Purpose): Promise<Storage> {
    const { readyClient, makeClient, idleTimeoutMs } = this.#options;
    this.#made ??= readyClient === undefined ? makeClient() : undefined;
    const client = readyClient ?? this.#made;
    if (client === undefined) throw new TypeError('There is either a ready client or one that was made.');
    if (client.customEndpoint && client.useAuthWithCustomEndpoint !== true) return client; // an emulator
    const late = () =>
      new StorageError('UNAVAILABLE', `Cannot ${what}: no credentials in ${idleTimeoutMs} ms.`, { key });
    try {
      return await withDeadline({ ms: idleTimeoutMs, error: late, signal }, async () => {
        await client.authClient.authorizeRequest({ url: client.apiEndpoint });
        return client;
      });
    } catch (error) {
      if (this.#made === client) this.#made = undefined;
      signal?.throwIfAborted();
      throw error instanceof StorageError ? error : explain('authorize', what, key, error).error;
    }
  }
}
