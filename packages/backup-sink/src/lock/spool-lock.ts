import { errnoOf } from '@ceres/internal';
import { SinkError } from '../errors';
import { hold, letGo, type Place } from './held-here';
import type { LockFiles } from './lock-files';

/** How long things take, ms; real time, since other processes do not share an injected clock. */
export interface LockTimes {
  /** Between two heartbeats. */
  readonly beatMs: number;
  /** After a look an owner is sure of its lock for so long; later it looks again before it acks anything. */
  readonly leaseMs: number;
  /** An owner of unknown fate is taken for dead if its heartbeat stood still for so long. */
  readonly staleMs: number;
}

/** What was won: see `acquireLock`. */
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
  #beats = 0;
  #sureUntil = { monotonicMs: 0, wallMs: 0 };
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lost: SinkError | undefined;

  constructor(files: LockFiles, own: Ownership, times: LockTimes, onLost: (error: SinkError) => void) {
    this.#files = files;
    this.#own = own;
    this.#times = times;
    this.#onLost = onLost;
    hold(own.token, own.place);
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** The first look; from then on one every `beatMs`, which keeps no process alive. */
  async start(): Promise<void> {
    await this.#look();
    // A look that fails proves nothing: assertHeld() then looks for itself, and throws what it meets.
    const beat = () => void this.#look().catch(() => undefined);
    if (!this.isLost) this.#timer = setInterval(beat, this.#times.beatMs).unref();
  }

  /**
   * To be called between making something durable and saying so. Within the lease it costs nothing.
   *
   * @throws SinkError `SPOOL_LOCKED`; the file system's error if it cannot be known
   */
  async assertHeld(): Promise<void> {
    // Again and again: the look that is waited for may have begun before the process stood still, and be history by now.
    while (this.#lost === undefined && !this.#isSure()) await this.#look();
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** @throws the file system's error; the spool is free all the same once this process has ended */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking?.catch(() => undefined); // told by assertHeld() already, if anything depended on it
    const { token, generation } = this.#own;
    letGo(token);
    if (this.isLost) return;
    await this.#files.writeClaim(token, { givenBackMs: Date.now() });
    await this.#files.linkClaim(token, generation + 1);
    await this.#files.removeOlder(generation + 1, token);
  }

  /** By wall time too: monotonic clocks stand still while a machine sleeps. */
  #isSure(): boolean {
    return performance.now() < this.#sureUntil.monotonicMs && Date.now() < this.#sureUntil.wallMs;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#beatAndLook().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** The lease runs from before the look: what happens after it is not seen. */
  async #beatAndLook(): Promise<void> {
    const { leaseMs } = this.#times;
    const sureUntil = { monotonicMs: performance.now() + leaseMs, wallMs: Date.now() + leaseMs };
    this.#beats += 1;
    if (await this.#isNewest()) this.#sureUntil = sureUntil;
    else this.#lose();
  }

  async #isNewest(): Promise<boolean> {
    try {
      await this.#beat();
      return (await this.#files.newestGeneration()) === this.#own.generation;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /**
   * It proves nothing, and so may fail on a full or read-only disk, which must drain: it only keeps others from taking a living owner
   * for dead. Should one do so, it makes its generation known and waits for `leaseMs`; by then this sink has seen it, and stopped.
   */
  async #beat(): Promise<void> {
    try {
      await this.#files.beat(this.#own.token, this.#beats);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') throw error; // the folder is gone
    }
  }

  #lose(): void {
    if (this.#lost !== undefined) return;
    clearInterval(this.#timer);
    letGo(this.#own.token);
    const what = `This sink does not own ${this.#files.folder} any more: the folder was removed, or another sink took the spool over while this process stood still.`;
    this.#lost = new SinkError('SPOOL_LOCKED', `${what} Nothing is acked any more; open a new sink.`);
    this.#onLost(this.#lost);
  }
}
