import type { Partition } from '@ceres/storage';
import type { ResolvedOptions } from '../options/sink-options';
import type { Reporter } from '../report/reporter';
import type { Partitions } from '../stages/partition';

/** Says whether writes that name these policies may go to the same one: a write that names none goes to the default policy, whichever that is. */
export function mayBeSamePolicy(a: string, b: string): boolean {
  return a === b || a === '' || b === '';
}

/** The part of a partition's segments that keeps the order of its files among those of other partitions. */
export interface OrderedFiles {
  /** Resolves when everything appended so far is in files that take no more. */
  seal(): Promise<void>;
  /** Writes nothing before this has settled. */
  startAfter(settled: Promise<unknown>): void;
}

/** The place for the lines of a write. */
export interface Place<T> {
  readonly segments: T;
  /** The policy that they switch to, in a partition of several. */
  readonly policy: string | undefined;
}

/** What all databases share. */
export interface SpellingParts<T> {
  readonly partitions: Partitions<T>;
  readonly policies: ResolvedOptions['policies'];
  readonly reporter: Reporter;
  readonly spoolDir: string;
}

/**
 * Finds the partitions of the writes to one database, so that writes which may be of one policy keep their order: within a partition
 * they do, and across partitions only whole files have an order.
 *
 * A write that names no policy goes to the default one, which other writes may name. Where `policies` knows that name, it goes to the
 * partition of that name. Where it does not, and the database gets writes of both kinds, all of them go into one mixed partition.
 * What other partitions got before is sealed once, before anything is written to the new one.
 */
export class Spellings<T extends OrderedFiles> {
  readonly #database: Omit<Partition, 'retentionPolicy'>;
  /** What `policies` is asked for the default policy. */
  readonly #unnamed: Partition;
  readonly #parts: SpellingParts<T>;
  /** The spellings of policies that were checked. */
  readonly #checked = new Set<string>();
  /** The places in use, by the policy that their lines name; all are in the mixed partition once there is one. */
  readonly #places = new Map<string, Place<T>>();
  #mixed: T | undefined;
  /** The name of the default policy, once it is known. A policy that becomes the default later replaces it. */
  #defaultName: string | undefined;
  /** What partitions start after, once the name of the default policy is known. */
  #after: Promise<unknown> | undefined;
  #hasReported = false;

  constructor(database: Omit<Partition, 'retentionPolicy'>, parts: SpellingParts<T>) {
    this.#database = database;
    this.#unnamed = Object.freeze({ ...database, retentionPolicy: '' });
    this.#parts = parts;
  }

  /** @throws SinkError `INVALID_NAME` */
  check(retentionPolicy: string): void {
    if (this.#checked.has(retentionPolicy)) return;
    this.#parts.partitions.check({ ...this.#database, retentionPolicy });
    this.#checked.add(retentionPolicy);
  }

  /** Returns the policy that a write means: the one it names, or the default one by its name; `''` where that is not known. */
  meaningOf(retentionPolicy: string): string {
    if (retentionPolicy !== '') return retentionPolicy;
    this.#learnDefault();
    return this.#defaultName ?? '';
  }

  /**
   * Returns the place for lines that are appended now.
   *
   * @param meaning what `meaningOf` returned for the write
   */
  placeOf(meaning: string): Place<T> {
    const policy = meaning === '' ? (this.#defaultName ?? '') : meaning;
    let place = this.#places.get(policy);
    if (place === undefined) {
      place = this.#newPlace(policy);
      this.#places.set(policy, place);
    }
    return place;
  }

  #newPlace(policy: string): Place<T> {
    if (this.#defaultName === undefined && this.#isAmbiguous(policy)) this.#mixed ??= this.#mix();
    if (this.#mixed !== undefined) return { segments: this.#mixed, policy };
    const segments = this.#parts.partitions.get({ ...this.#database, retentionPolicy: policy }, false);
    if (this.#after !== undefined) segments.startAfter(this.#after);
    return { segments, policy: undefined };
  }

  /** Says whether a policy that is not in use yet may be the same as one that is. */
  #isAmbiguous(policy: string): boolean {
    return policy === '' ? this.#places.size > 0 : this.#places.has('');
  }

  #mix(): T {
    const mixed = this.#parts.partitions.get({ ...this.#database, mixed: true }, false);
    mixed.startAfter(this.#sealAll());
    return mixed;
  }

  /** A `policies` that throws, or no longer knows the name, changes nothing. */
  #learnDefault(): void {
    const name = this.#askForDefault();
    if (name === undefined || name === '' || name === this.#defaultName || !this.#isUsable(name)) return;
    const hadUnknown = this.#mixed !== undefined || this.#places.has('');
    this.#defaultName = name;
    if (!hadUnknown) return;
    this.#after = this.#sealAll();
    this.#mixed = undefined;
  }

  #askForDefault(): string | undefined {
    try {
      return this.#parts.policies(this.#unnamed)?.name;
    } catch (error) {
      this.#reportOnce(error);
      return undefined;
    }
  }

  #isUsable(name: string): boolean {
    try {
      this.check(name);
      return true;
    } catch (error) {
      this.#reportOnce(error);
      return false;
    }
  }

  #reportOnce(error: unknown): void {
    if (!this.#hasReported) this.#parts.reporter.failed(error, this.#parts.spoolDir);
    this.#hasReported = true;
  }

  /** Seals what is open, and forgets which partitions are in use. */
  #sealAll(): Promise<unknown> {
    const open = new Set([...this.#places.values()].map(({ segments }) => segments));
    this.#places.clear();
    return Promise.all([...open].map((segments) => segments.seal()));
  }
}

/** The spellings of every database, kept for the life of the sink. */
export class SpellingsByDatabase<T extends OrderedFiles> {
  readonly #parts: SpellingParts<T>;
  readonly #known = new Map<string, Spellings<T>>();

  constructor(parts: SpellingParts<T>) {
    this.#parts = parts;
  }

  of({ instance, database }: Partition): Spellings<T> {
    const key = `${instance}\0${database}`;
    let spellings = this.#known.get(key);
    if (spellings === undefined) {
      spellings = new Spellings({ instance, database }, this.#parts);
      this.#known.set(key, spellings);
    }
    return spellings;
  }
}
