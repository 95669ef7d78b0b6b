import { createHmac, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '@ceres/storage';
import type { SinkInternals } from '../../../internals';
import type { Logger } from '../../../report/logger';
import type { OwnFiles } from '../../../spool/own-files';
import type { Credential } from './credential';

/** A credential that InfluxDB accepted, as it is kept beside the spool. */
interface Known {
  /** The salted scrypt hash of the credential, in base64. */
  readonly hash: string;
  readonly instance: string;
  readonly database: string;
  /** When InfluxDB last accepted it. */
  readonly seenMs: number;
  /** The end of a JSON Web Token; absent where there is none. */
  readonly expiresMs?: number;
}

interface KnownFile {
  readonly format: 1;
  readonly salt: string;
  readonly known: readonly Known[];
}

const fileName = 'credentials.json';
/** The most that are kept: what was not seen for longest goes first. */
const knownMax = 1_000;
/** How much later a credential must have been seen again before the file is written for that alone. */
const refreshMs = 600_000;
/** The most hashes of this process in memory, and the most that wait for their turn: each takes 50 ms of a thread. */
const hashesMax = 10_000;
const waitingMax = 64;
/** scrypt's own defaults (N = 16,384), in 16 MiB of memory. */
const hashBytes = 32;

const slowHash = promisify(scrypt) as (secret: string, salt: Buffer, bytes: number) => Promise<Buffer>;

/**
 * Remembers which credentials InfluxDB has accepted, as salted slow hashes in a file beside the spool, so that a good client is not turned
 * away on the day on which InfluxDB cannot be asked. One for each sink.
 */
export class KnownCredentials {
  readonly #files: OwnFiles;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #byKey = new Map<string, Known>();
  /** The slow hash of each credential by a fast one whose key no other process has. */
  readonly #hashes = new Map<string, Promise<string>>();
  readonly #fastKey = randomBytes(32);
  #salt = randomBytes(16);
  #loading: Promise<void> | undefined;
  #hashing: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #savedMs = new Map<string, number>();
  #saving: Promise<void> | undefined;

  constructor({ ownFiles, clock, logger }: SinkInternals) {
    this.#files = ownFiles;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Returns a short name of a credential that says nothing of it and is good for this process only. */
  idOf({ secret }: Credential): string {
    return createHmac('sha256', this.#fastKey).update(secret).digest('base64');
  }

  /** Remembers that InfluxDB accepted a credential. Nothing waits for that: it is hashed and written in the background. */
  remember(credential: Credential, instance: string, database: string): void {
    if (credential.expiresMs <= this.#clock.now()) return;
    this.#files.run(async () => {
      try {
        await this.#remember(credential, instance, database);
      } catch (error) {
        this.#logger.warn({ err: error }, 'what is known of credentials could not be kept beside the spool');
      }
    });
  }

  /**
   * Says whether InfluxDB accepted a credential within the last `graceMs`.
   *
   * @throws TooManyHashes if too many unknown ones are being looked up
   */
  async isKnown(credential: Credential, instance: string, database: string, graceMs: number): Promise<boolean> {
    await this.#load();
    const nowMs = this.#clock.now();
    if (credential.expiresMs <= nowMs) return false;
    const isRecent = ({ seenMs }: Known) => nowMs - seenMs < graceMs;
    // Without this, every stranger would cost a slow hash.
    const mayBe = [...this.#byKey.values()].some((one) => isOf(one, instance, database) && isRecent(one));
    if (!mayBe) return false;
    const known = this.#byKey.get(keyOf(await this.#hashOf(credential), instance, database));
    return known !== undefined && isRecent(known);
  }

  async #remember(credential: Credential, instance: string, database: string): Promise<void> {
    await this.#load();
    const hash = await this.#hashOf(credential);
    const key = keyOf(hash, instance, database);
    const seenMs = this.#clock.now();
    const { expiresMs } = credential;
    this.#byKey.delete(key); // The order of the map is that of the last sight.
    this.#byKey.set(key, { hash, instance, database, seenMs, ...(expiresMs === Infinity ? {} : { expiresMs }) });
    for (const [oldest, { expiresMs: endMs = Infinity }] of this.#byKey) {
      if (endMs <= seenMs || this.#byKey.size > knownMax) this.#byKey.delete(oldest);
    }
    if (seenMs - (this.#savedMs.get(key) ?? -Infinity) >= refreshMs) await this.#save();
  }

  /** Writes the file; those who ask during a write share the next. */
  async #save(): Promise<void> {
    const running = this.#saving;
    this.#saving = (async () => {
      await running?.catch(() => undefined); // Its own caller reports it.
      const known = [...this.#byKey.values()];
      const file: KnownFile = { format: 1, salt: this.#salt.toString('base64'), known };
      await this.#files.replace(fileName, Buffer.from(`${JSON.stringify(file)}\n`));
      this.#savedMs = new Map([...this.#byKey].map(([key, { seenMs }]) => [key, seenMs]));
    })();
    await this.#saving;
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#logger.error(
        { err: error },
        'the credentials kept beside the spool cannot be read; they are learned again',
      );
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    const content = await this.#files.read(fileName);
    if (content === undefined) return;
    const { salt, known } = JSON.parse(content.toString()) as KnownFile;
    this.#salt = Buffer.from(salt, 'base64');
    for (const one of known) {
      const key = keyOf(one.hash, one.instance, one.database);
      this.#byKey.set(key, one);
      this.#savedMs.set(key, one.seenMs);
    }
  }

  /** @throws TooManyHashes */
  #hashOf(credential: Credential): Promise<string> {
    const id = this.idOf(credential);
    const cached = this.#hashes.get(id);
    if (cached !== undefined) return cached;
    if (this.#waiting >= waitingMax) return Promise.reject(new TooManyHashes());
    this.#waiting += 1;
    // One at a time: the disk needs the other threads.
    const hashed = this.#hashing
      .then(async () => (await slowHash(credential.secret, this.#salt, hashBytes)).toString('base64'))
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#hashing = hashed.catch(() => undefined); // Those who asked for it get the error.
    hashed.catch(() => this.#hashes.delete(id));
    this.#hashes.set(id, hashed);
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= hashesMax) break;
      this.#hashes.delete(oldest);
    }
    return hashed;
  }
}

/** Too many credentials are being looked up: try again later. */
export class TooManyHashes extends Error {
  override readonly name = 'TooManyHashes';

  constructor() {
    super(`${waitingMax} unknown credentials are being looked up already`);
  }
}

function keyOf(hash: string, instance: string, database: string): string {
  return JSON.stringify([hash, instance, database]);
}

function isOf(known: Known, instance: string, database: string): boolean {
  return known.instance === instance && known.database === database;
}

const ofSink = new WeakMap<SinkInternals, KnownCredentials>();

/** Returns what is known beside a sink's spool: the same to all handlers of that sink, which share the file. */
export function knownCredentialsOf(sink: SinkInternals): KnownCredentials {
  const known = ofSink.get(sink) ?? new KnownCredentials(sink);
  ofSink.set(sink, known);
  return known;
}
