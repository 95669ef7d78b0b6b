import type { BlockBlobClient } from '@azure/storage-blob';
import type { CallOptions } from '@ceres/storage';
import { type StoreProbe, tryOnCanary } from '@ceres/storage/adapter';
import { type Call, explain } from './answers';
import { Container } from './client/container';
import { optionsFromUrl } from './from-url';
import { resolveOptions } from './options';

/**
 * Returns what `ceres doctor` tries on the container of an `azblob:` URL.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function probeFromUrl(url: URL): StoreProbe {
  return new AzureProbe(new Container(resolveOptions(optionsFromUrl(url))));
}

class AzureProbe implements StoreProbe {
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
  }

  async overwrite(canary: string, bytes: Uint8Array, { signal }: CallOptions = {}) {
    const { versionId } = await this.#attempt('put', canary, signal, (blob, abortSignal) =>
      blob.upload(Buffer.from(bytes), bytes.byteLength, { abortSignal }),
    );
    return { keepsVersions: versionId !== undefined };
  }

  async delete(canary: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#attempt('delete', canary, signal, (blob, abortSignal) => blob.delete({ abortSignal }));
  }

  async address(): Promise<string> {
    return this.#container.options.containerUrl;
  }

  faultOf(): undefined {
    return undefined; // the codes of this adapter's errors say it all
  }

  async #attempt<T>(
    call: Call,
    canary: string,
    signal: AbortSignal | undefined,
    send: (blob: BlockBlobClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { prefix, idleTimeoutMs: timeoutMs } = this.#container.options;
    return await tryOnCanary(
      {
        what: `${call === 'put' ? 'overwrite' : call} ${this.#container.place(canary)}`,
        canary,
        timeoutMs,
        signal,
        explain: (failed) => explain(call, failed),
      },
      async (limited) => {
        const client = await this.#container.client();
        return await send(client.getBlockBlobClient(prefix + canary), limited);
      },
    );
  }
}
