import { ContainerClient, newPipeline, type Pipeline } from '@azure/storage-blob';
import type { ResolvedOptions } from '../options';

/** What all calls to one container share. */
export class Container {
  readonly options: ResolvedOptions;
  /** One attempt a request: the SDK's retries are off. */
  readonly #pipeline: Pipeline;

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.#pipeline = newPipeline(options.credential, { retryOptions: { maxTries: 1 } });
  }

  /** Returns the SDK's client for one request, with the SAS of this moment. All share their connections. */
  async client(): Promise<ContainerClient> {
    const { containerUrl, sas } = this.options;
    return new ContainerClient(sas === undefined ? containerUrl : `${containerUrl}?${await sas()}`, this.#pipeline);
  }

  /** Names an object, or a prefix, in messages. */
  place(key: string): string {
    return `"${this.options.prefix}${key}" in ${this.options.place}`;
  }
}
