import { type CallOptions, StorageError } from '@ceres/storage';
import { checkCanary, type StoreFault, type StoreProbe, withDeadline } from '@ceres/storage/adapter';
import type { File } from '@google-cloud/storage';
import { type Call, explain } from './answers';
import { Bucket } from './client/bucket';
import { inOneAttempt } from './client/one-attempt';
import { optionsFromUrl } from './from-url';
import { resolveOptions } from './options';

/**
 * Returns what `ceres doctor` tries on the bucket of a `gs:` URL.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function probeFromUrl(url: URL): StoreProbe {
  return new GcsProbe(new Bucket(resolveOptions(optionsFromUrl(url))));
}

class GcsProbe implements StoreProbe {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async overwrite(canary: string, bytes: Uint8Array, { signal }: CallOptions = {}) {
    checkCanary(canary);
    await this.#attempt('put', canary, signal, (file) =>
      file.save(Buffer.from(bytes), { resumable: false, validation: false }),
    );
    return { keepsVersions: false }; // Google's answer does not say it
  }

  async delete(canary: string, { signal }: CallOptions = {}): Promise<void> {
    checkCanary(canary);
    await this.#attempt('delete', canary, signal, (file) => file.delete());
  }

  async address(): Promise<string> {
    return (await this.#bucket.client.get({ what: 'ask for the time', key: '', signal: undefined })).apiEndpoint;
  }

  faultOf(): StoreFault | undefined {
    return undefined; // the codes of errors say everything that can be wrong with Google
  }

  async #attempt(
    call: Call,
    canary: string,
    signal: AbortSignal | undefined,
    send: (file: File) => Promise<unknown>,
  ): Promise<void> {
    const { bucket, prefix, idleTimeoutMs: ms } = this.#bucket.options;
    const what = `${call === 'put' ? 'overwrite' : call} "${prefix}${canary}" in gs://${bucket}`;
    const late = () => new StorageError('UNAVAILABLE', `Cannot ${what}: no answer in ${ms} ms.`, { key: canary });
    await withDeadline({ ms, error: late, signal }, async (limited) => {
      const client = await this.#bucket.client.get({ what, key: canary, signal: limited });
      try {
        await send(inOneAttempt(client.bucket(bucket).file(prefix + canary), ms));
      } catch (cause) {
        throw explainProbe(call, what, canary, cause);
      }
    });
  }
}

/** An upload that would only create finds with this 403 that there is an object. One that would overwrite is denied by it. */
function explainProbe(call: Call, what: string, canary: string, cause: unknown): StorageError {
  const { means, error } = explain(call, what, canary, cause);
  return means === 'exists' ? new StorageError('DENIED', error.message, { key: canary, cause }) : error;
}
