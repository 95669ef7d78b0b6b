import type { KeyParts, ObjectInfo, ObjectReader } from '@ceres/storage';
import { fetchHeader } from '../plan/headers';
import { SequenceGaps } from '../read/sequence-gaps';
import { PartitionTally } from './partition-tally';

/** How many headers are read concurrently. */
const headersAtOnce = 16;

/** Collects what is known of one instance while the listing goes by. */
export class InstanceTally {
  readonly partitions: PartitionTally;
  readonly sequences = new SequenceGaps();
  readonly #storage: ObjectReader;
  readonly #signal: AbortSignal | undefined;
  readonly #reading = new Set<Promise<void>>();
  #fault: { readonly error: unknown } | undefined;

  /** `activityMs` is the time now, if activity is counted. */
  constructor(storage: ObjectReader, signal: AbortSignal | undefined, activityMs?: number) {
    this.partitions = new PartitionTally(activityMs);
    this.#storage = storage;
    this.#signal = signal;
  }

  /** Begins to read the header of a file that no ledger names; resolves when there is room for another. */
  async readHeader({ key }: ObjectInfo, parts: KeyParts): Promise<void> {
    const reading = fetchHeader(this.#storage, key, this.#signal).then((fetched) => {
      if (fetched === undefined) return;
      this.partitions.addRead(fetched.header, parts);
      this.sequences.add(fetched.header, key);
    });
    const settled = reading
      .catch((error: unknown) => {
        this.#fault ??= { error }; // kept until somebody waits: until then, a rejection would end the process
      })
      .finally(() => this.#reading.delete(settled));
    this.#reading.add(settled);
    if (this.#reading.size >= headersAtOnce) await Promise.race(this.#reading);
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  /** Resolves when all headers are read. @throws StorageError, if one could not be */
  async headersRead(): Promise<void> {
    await Promise.all(this.#reading);
    if (this.#fault !== undefined) throw this.#fault.error;
  }
}
