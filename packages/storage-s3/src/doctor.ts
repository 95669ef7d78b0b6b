import { createHash } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type CallOptions, StorageError } from '@ceres/storage';
import { type StoreFault, type StoreProbe, tryOnCanary } from '@ceres/storage/adapter';
import { type Call, explain } from './answers';
import { Bucket } from './client/bucket';
import { optionsFromUrl } from './from-url';
import { resolveOptions } from './options';

/**
 * Returns what `ceres doctor` tries on the bucket of an `s3:` URL.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function probeFromUrl(url: URL): StoreProbe {
  return new S3Probe(new Bucket(resolveOptions(optionsFromUrl(url))));
}

class S3Probe implements StoreProbe {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async overwrite(canary: string, bytes: Uint8Array, { signal }: CallOptions = {}) {
    const command = new PutObjectCommand({
      ...this.#place(canary),
      Body: bytes,
      ContentLength: bytes.byteLength,
      ContentMD5: createHash('md5').update(bytes).digest('base64'), // a bucket with a lock demands it
    });
    const { VersionId } = await this.#attempt('put', canary, signal, (limited) =>
      this.#bucket.client.send(command, { abortSignal: limited }),
    );
    return { keepsVersions: VersionId !== undefined && VersionId !== 'null' };
  }

  async delete(canary: string, { signal }: CallOptions = {}): Promise<void> {
    const command = new DeleteObjectCommand(this.#place(canary));
    await this.#attempt('delete', canary, signal, (limited) =>
      this.#bucket.client.send(command, { abortSignal: limited }),
    );
  }

  async address(): Promise<string> {
    const { endpoint } = this.#bucket.options;
    return endpoint ?? `https://s3.${await this.#bucket.client.config.region()}.amazonaws.com`;
  }

  faultOf(error: unknown): StoreFault | undefined {
    if (!(error instanceof StorageError) || !(error.cause instanceof Error)) return undefined;
    const { name, $metadata } = error.cause as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    if (status === 301 || status === 307) return 'wrong-region';
    return faults[name];
  }

  #place(canary: string) {
    const { bucket, prefix } = this.#bucket.options;
    return { Bucket: bucket, Key: prefix + canary };
  }

  async #attempt<T>(
    call: Call,
    canary: string,
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return await tryOnCanary(
      {
        what: `${call === 'put' ? 'overwrite' : call} ${this.#bucket.place(canary)}`,
        canary,
        timeoutMs: this.#bucket.options.idleTimeoutMs,
        signal,
        explain: (failed) => explain(this.#bucket, call, failed),
      },
      send,
    );
  }
}

const faults: Readonly<Record<string, StoreFault>> = {
  NoSuchBucket: 'missing-bucket',
  PermanentRedirect: 'wrong-region',
  AuthorizationHeaderMalformed: 'wrong-region',
  IllegalLocationConstraintException: 'wrong-region',
  NotImplemented: 'no-conditional-writes',
  RequestTimeTooSkewed: 'clock-skew',
};
