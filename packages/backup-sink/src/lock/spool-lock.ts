import { errnoOf } from '@ceres/internal';
import { SinkError } from '../errors';
import { hold, leave, letGo, type Place } from './held-here';
import { type LockFiles, VolumeChanged } from './lock-files';

/** The lock's times, in ms of real time, since other processes do not share an injected clock. */
export interface LockTimes {
  /** The time between two renewals of the lease. */
  readonly renewalMs: number;
  /** An owner is sure of its lock for this long after a renewal; after that it renews before it acks anything. */
  readonly leaseMs: number;
  /** An owner that cannot be seen is taken for dead if it has not renewed its lease for this long. */
  readonly staleMs: number;
}

/** The ownership that `acquireLock` won. */
export interface Ownership {
  readonly token: string;
  readonly generation: number;
  readonly place: Place;
}

/** The lock of a spool while this sink has it. */
export class SpoolLock {
  readonly #files: LockFiles;
  readonly #own: Ownership;
  readonly #times: LockTimes;
  readonly #onLost: (error: SinkError) => void;
  #renewals = 0;
  #sureUntil = { monotonicMs: 0, wallMs: 0 };
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;
  #lost: SinkError | undefined;

  constructor(files: LockFiles, own: Ownership, times: LockTimes, onLost: (error: SinkError) => void) {
    this.#files = files;
    this.#own = own;
    this.#times = times;
    this.#onLost = onLost;
    hold(own.token, own.place);
  }

  /** The device that the lock lies on; `undefined` if the file system does not say. */
  get device(): number | undefined {
    return this.#files.device;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Renews the lease now, and from then on every `renewalMs`; this does not keep the process alive. */
  async start(): Promise<void> {
    await this.#renew();
    // A renewal that fails proves nothing: assertHeld() then renews, and throws what it meets.
    const renew = () => void this.#renew().catch(() => undefined);
    if (!this.isLost) this.#timer = setInterval(renew, this.#times.renewalMs).unref();
  }

  /**
   * Rejects unless the spool is still ours. Call it between making something durable and acking it. Within the lease it costs nothing.
   *
   * @throws SinkError `SPOOL_LOCKED`; the file system's error if it cannot be known
   */
  async assertHeld(): Promise<void> {
    // In a loop: the renewal that is waited for may have begun before the process stood still, and be out of date by now.
    while (this.#lost === undefined && !this.#isSure()) await this.#renew();
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** @throws the file system's error; the spool is free anyway: for this thread at once, for others once this thread has ended */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing?.catch(() => undefined); // assertHeld() threw it already, if anything depended on it
    const { token, generation } = this.#own;
    letGo(token);
    if (this.isLost) return leave(token); // the lock may come back, with a volume that is mounted again
    try {
      await this.#files.writeRelease(token, { givenBackMs: Date.now() });
      await this.#files.linkClaim(token, generation + 1);
    } catch (error) {
      leave(token);
      throw error;
    }
    await this.#files.removeOlder(generation + 1, token);
  }

  /** Compares wall time, too: monotonic clocks stand still while a machine sleeps. */
  #isSure(): boolean {
    return performance.now() < this.#sureUntil.monotonicMs && Date.now() < this.#sureUntil.wallMs;
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewAndLook().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** The lease starts before the look, which does not see what happens after it. */
  async #renewAndLook(): Promise<void> {
    const { leaseMs } = this.#times;
    const sureUntil = { monotonicMs: performance.now() + leaseMs, wallMs: Date.now() + leaseMs };
    this.#renewals += 1;
    if (await this.#isNewest()) this.#sureUntil = sureUntil;
    else this.#lose();
  }

  async #isNewest(): Promise<boolean> {
    try {
      await this.#countRenewal();
      return (await this.#files.newestGeneration()) === this.#own.generation;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || error instanceof VolumeChanged) return false;
      throw error;
    }
  }

  /**
   * Shows others that this owner lives. It may fail on a full or read-only disk, which must still drain, because it proves nothing to
   * this owner. If another process then takes this one for dead, it publishes its generation and waits for `leaseMs`; by then
   * this sink has seen it, and stopped.
   */
  async #countRenewal(): Promise<void> {
    try {
      await this.#files.renew(this.#own.token, this.#renewals);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || error instanceof VolumeChanged) throw error; // the folder is gone
    }
  }

  #lose(): void {
    if (this.#lost !== undefined) return;
    clearInterval(this.#timer);
    letGo(this.#own.token);
    const what = `This sink no longer owns ${this.#files.folder}: the folder was removed, its volume was unmounted, or another sink took the spool over while this process stood still.`;
    this.#lost = new SinkError('SPOOL_LOCKED', `${what} It acks nothing from now on. Open a new sink.`);
    this.#onLost(this.#lost);
  }
}
