import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@ceres/storage';
import type { SinkInternals } from '../../../internals';
import type { Logger } from '../../../report/logger';
import type { OwnFiles } from '../../../spool/own-files';
import type { Credential } from './credential';
import { type FirstGlance, glanceAt } from './first-glance';
import { type Secret, SlowHashes } from './slow-hashes';

/** A credential that InfluxDB accepted, as it is kept beside the spool. */
interface Known extends FirstGlance {
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

/**
 * Remembers which credentials InfluxDB has accepted, as salted slow hashes in a file beside the spool, so that a good client is not turned
 * away on the day on which InfluxDB cannot be asked. One for each sink.
 */
export class KnownCredentials {
  readonly #files: OwnFiles;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #byKey = new Map<string, Known>();
  readonly #hashes = new SlowHashes();
  readonly #fastKey = randomBytes(32);
  #salt = randomBytes(16);
  #loading: Promise<void> | undefined;
  #savedMs = new Map<string, number>();
  #saving: Promise<void> | undefined;

  constructor({ ownFiles, clock, logger }: SinkInternals) {
    this.#files = ownFiles;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Returns a short name of a credential, for a database if one is given, that says nothing of it and is good for this process only. */
  idOf({ secret }: Credential, database?: string): string {
    const text = database === undefined ? secret : JSON.stringify([secret, database]);
    return createHmac('sha256', this.#fastKey).update(text).digest('base64');
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
   * @param address where the credential came from
   * @throws TooManyHashes if too many unknown ones are being looked up
   */
  async isKnown(
    credential: Credential,
    instance: string,
    database: string,
    graceMs: number,
    address: string,
  ): Promise<boolean> {
    await this.#load();
    const nowMs = this.#clock.now();
    if (credential.expiresMs <= nowMs) return false;
    const isRecent = ({ seenMs }: Known) => nowMs - seenMs < graceMs;
    // Without this, every stranger would cost a slow hash, and keep those from theirs who are known.
    const { user, mark } = glanceAt(credential, this.#salt);
    const looksAlike = (one: Known) => one.user === user && one.mark === mark && isOf(one, instance, database);
    const mayBe = [...this.#byKey.values()].some((one) => looksAlike(one) && isRecent(one));
    if (!mayBe) return false;
    const secret = this.#secretOf(credential);
    const known = this.#byKey.get(keyOf(await this.#hashes.ofStranger(secret, address, user), instance, database));
    if (known === undefined || !isRecent(known)) return false;
    this.#hashes.prove(secret.id);
    return true;
  }

  async #remember(credential: Credential, instance: string, database: string): Promise<void> {
    await this.#load();
    const hash = await this.#hashes.ofAccepted(this.#secretOf(credential));
    const key = keyOf(hash, instance, database);
    const seenMs = this.#clock.now();
    const { expiresMs } = credential;
    this.#byKey.delete(key); // The order of the map is that of the last sight.
    const known = { hash, instance, database, seenMs, ...glanceAt(credential, this.#salt) };
    this.#byKey.set(key, expiresMs === Infinity ? known : { ...known, expiresMs });
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

  #secretOf(credential: Credential): Secret {
    return { id: this.idOf(credential), secret: credential.secret, salt: this.#salt };
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
