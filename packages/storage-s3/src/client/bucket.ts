import type { S3Client } from '@aws-sdk/client-s3';
import type { ResolvedOptions } from '../options';
import { makeClient } from './make-client';

/** What all calls to one bucket share. */
export class Bucket {
  readonly options: ResolvedOptions;
  /** Is true if the last upload broke before an answer. The next one then asks before it sends its bytes. */
  lastUploadBroke = false;
  #client: S3Client | undefined;
  #isStale = false;

  constructor(options: ResolvedOptions) {
    this.options = options;
  }

  /** The client: a new one after `forgetCredentials`, which shares the connections of the last. */
  get client(): S3Client {
    if (this.#client === undefined || this.#isStale) {
      this.#client = makeClient(this.options, this.#client?.config.requestHandler);
      this.#isStale = false;
    }
    return this.#client;
  }

  /** Makes the next call look for credentials again: the SDK keeps those without an end, and a profile file that it has read. */
  forgetCredentials(): void {
    this.#isStale = true;
  }

  /** Returns an object's name for messages: `"prefix/key" in s3://bucket`. */
  place(name: string): string {
    return `"${this.options.prefix}${name}" in s3://${this.options.bucket}`;
  }
}
