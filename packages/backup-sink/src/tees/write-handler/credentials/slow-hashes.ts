import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { FairQueue } from './fair-queue';

/** scrypt's own defaults (N = 16,384), in 16 MiB of memory and 50 ms of a thread. */
const hashBytes = 32;
/** The most hashes in memory: of credentials that are known to work, and of strangers. */
const provenMax = 1_000;
const strangersMax = 10_000;
/** The most that wait for their hash: credentials that InfluxDB has just accepted, strangers under one user's name, and strangers of one address. */
const acceptedWaitingMax = 64;
const waitingOfUserMax = 64;
const waitingOfAddressMax = 8;

type Hash = (secret: string, salt: Buffer, bytes: number) => Promise<Buffer>;

/** What is hashed: a secret, and a short name of it that says nothing of it. */
export interface Secret {
  readonly id: string;
  readonly secret: string;
  readonly salt: Buffer;
}

interface Job {
  readonly hash: () => Promise<void>;
  readonly address: string;
}

/**
 * Makes slow hashes of credentials, one at a time, since the disk needs the other threads. Credentials that are known to work keep their
 * hashes and have places of their own: strangers, however many, cannot take them. So have the names of known users: strangers under one
 * name cannot take the places of another, and the names take turns.
 */
export class SlowHashes {
  readonly #slowHash: Hash;
  readonly #proven = new Map<string, Promise<string>>();
  readonly #strangers = new Map<string, Promise<string>>();
  readonly #acceptedWaiting: Job[] = [];
  readonly #strangersWaiting = new FairQueue<Job>();
  #isHashing = false;

  constructor(slowHash: Hash = promisify(scrypt) as Hash) {
    this.#slowHash = slowHash;
  }

  /** @throws TooManyHashes */
  ofAccepted(secret: Secret): Promise<string> {
    const { id } = secret;
    const found = this.#found(id);
    if (found === undefined && this.#acceptedWaiting.length >= acceptedWaitingMax)
      return Promise.reject(new TooManyHashes());
    const hash = found ?? this.#start(secret, '', (job) => this.#acceptedWaiting.push(job));
    this.#keep(this.#proven, provenMax, id, hash);
    return hash;
  }

  /**
   * Returns the hash of a credential of which InfluxDB says nothing now.
   *
   * @param address where it came from: no address gets all places
   * @param user the name that it gives, of those that are known: their number bounds the places
   * @throws TooManyHashes
   */
  ofStranger(secret: Secret, address: string, user: string): Promise<string> {
    const { id } = secret;
    const found = this.#found(id);
    if (found !== undefined) return found;
    const waiting = this.#strangersWaiting.of(user);
    const ofAddress = waiting.filter((job) => job.address === address).length;
    if (ofAddress >= waitingOfAddressMax || waiting.length >= waitingOfUserMax)
      return Promise.reject(new TooManyHashes());
    const hash = this.#start(secret, address, (job) => this.#strangersWaiting.add(user, job));
    this.#keep(this.#strangers, strangersMax, id, hash);
    return hash;
  }

  /** Keeps the hash of a stranger that turned out to be known. */
  prove(id: string): void {
    const hash = this.#strangers.get(id);
    if (hash !== undefined) this.#keep(this.#proven, provenMax, id, hash);
  }

  #found(id: string): Promise<string> | undefined {
    return this.#proven.get(id) ?? this.#strangers.get(id);
  }

  #keep(hashes: Map<string, Promise<string>>, hashesMax: number, id: string, hash: Promise<string>): void {
    hashes.delete(id); // The order of the map is that of the last use.
    hashes.set(id, hash);
    hash.catch(() => hashes.delete(id));
    for (const oldest of hashes.keys()) {
      if (hashes.size <= hashesMax) break;
      hashes.delete(oldest);
    }
  }

  #start({ secret, salt }: Secret, address: string, add: (job: Job) => void): Promise<string> {
    return new Promise((resolve, reject) => {
      const hash = async () => {
        await this.#slowHash(secret, salt, hashBytes).then((bytes) => resolve(bytes.toString('base64')), reject);
      };
      add({ hash, address });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#isHashing) return;
    this.#isHashing = true;
    for (;;) {
      const job = this.#acceptedWaiting.shift() ?? this.#strangersWaiting.next();
      if (job === undefined) break;
      await job.hash();
    }
    this.#isHashing = false;
  }
}

/** Too many credentials are being looked up: try again later. */
export class TooManyHashes extends Error {
  override readonly name = 'TooManyHashes';

  constructor() {
    super('Too many unknown credentials are being looked up already');
  }
}
