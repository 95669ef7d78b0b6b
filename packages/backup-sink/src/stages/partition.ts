import { type Partition, StorageError } from '@ceres/storage';
import { SinkError } from '../errors';
import { type SpoolPartition, toSpoolPartition } from '../spool/layout';

/** Says what belongs together. With `mixed`, lines name their policies themselves. */
export type PartitionNames = Partition & { readonly mixed?: boolean };

/** Makes what belongs to one partition, once. */
export type Make<T> = (partition: SpoolPartition) => T;

/**
 * The second stage: finds what belongs to the instance, database and policy of a write. Names are checked once; what belongs to a
 * partition is kept for the life of the sink, some hundred bytes each.
 */
export class Partitions<T> {
  readonly #spoolDir: string;
  readonly #make: Make<T>;
  readonly #known = new Map<string, T>();

  constructor(spoolDir: string, make: Make<T>) {
    this.#spoolDir = spoolDir;
    this.#make = make;
  }

  /** @throws SinkError `INVALID_NAME` */
  get(partition: PartitionNames, quarantine: boolean): T {
    const { instance, database, retentionPolicy = '', mixed = false } = partition;
    const kind = quarantine ? '~quarantine' : mixed ? '~mixed' : '';
    const key = `${kind}\0${instance}\0${database}\0${retentionPolicy}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#make(this.#checked(partition, quarantine));
    this.#known.set(key, made);
    return made;
  }

  all(): Iterable<T> {
    return this.#known.values();
  }

  /** @throws SinkError `INVALID_NAME` */
  check(partition: Partition): void {
    this.#checked(partition, false);
  }

  #checked({ mixed = false, ...partition }: PartitionNames, quarantine: boolean): SpoolPartition {
    for (const [what, name = ''] of Object.entries(partition)) checkName(what, name);
    try {
      return toSpoolPartition(this.#spoolDir, { ...partition, mixed }, quarantine);
    } catch (error) {
      if (error instanceof StorageError) throw new SinkError('INVALID_NAME', error.message, { cause: error });
      throw error;
    }
  }
}

/** Refuses control characters: one could end a header line, and so forge the next. */
function checkName(what: string, name: unknown): void {
  if (typeof name !== 'string') {
    throw new SinkError('INVALID_NAME', `Expected the \`${what}\` of a write to be a string, got ${String(name)}.`);
  }
  if (/\p{Cc}/u.test(name)) {
    const shown = JSON.stringify(name);
    throw new SinkError(
      'INVALID_NAME',
      `Expected the \`${what}\` of a write to have no control characters, since no file header can hold them, got ${shown}.`,
    );
  }
}
