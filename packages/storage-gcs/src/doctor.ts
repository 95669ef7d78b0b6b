import type { CallOptions } from '@ceres/storage';
import { type FailedCall, type StoreFault, type StoreProbe, tryOnCanary } from '@ceres/storage/adapter';
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
    await this.#attempt('put', canary, signal, (file) =>
      file.save(Buffer.from(bytes), { resumable: false, validation: false }),
    );
    return { keepsVersions: false }; // Google's answer does not say it
  }

  async delete(canary: string, { signal }: CallOptions = {}): Promise<void> {
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
    const { bucket, prefix, idleTimeoutMs: timeoutMs } = this.#bucket.options;
    const what = `${call === 'put' ? 'overwrite' : call} "${prefix}${canary}" in gs://${bucket}`;
    const explained = ({ cause }: FailedCall) => explain(call, what, canary, cause);
    await tryOnCanary({ what, canary, timeoutMs, signal, explain: explained }, async (limited) => {
      const client = await this.#bucket.client.get({ what, key: canary, signal: limited });
      await send(inOneAttempt(client.bucket(bucket).file(prefix + canary), timeoutMs));
    });
  }
}
