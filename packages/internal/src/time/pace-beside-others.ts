import { cpus } from 'node:os';
import type { Clock } from './clock';
import { Pace, type Usage, usageOfProcess } from './pace';

/** How long a look at the machine lasts at least, in ms: Linux counts a processor's time in steps of 10 ms. */
const lookMs = 500;

/** What others may use without that it counts, of one processor: no machine is quite idle, and no count exact. */
const idleShare = 0.08;

/** The processors that this process can keep busy: one with its own thread, and one with what compresses and hashes beside it. */
const ownProcessors = 2;

/** What tells how busy this process is, and the whole machine. */
export interface MachineUsage extends Usage {
  /** The processor time of everything that runs, in ms since some moment. */
  machineMs(): number;
  readonly processors: number;
}

const usageOfMachine: MachineUsage = {
  ...usageOfProcess,
  machineMs: () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0),
  processors: cpus().length,
};

/**
 * Takes all it can get while the machine is idle, and works at a {@link Pace} while others need the processors. Until it has looked for a
 * while, it takes it that they do.
 */
export class PaceBesideOthers {
  readonly #percent: number;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #usage: MachineUsage;
  /** What the times were when this look began, had nothing been waited for since. */
  #began: { readonly wallMs: number; readonly othersMs: number };
  #pace: Pace | undefined;

  /**
   * @param percent of one processor's time while others need it; `Infinity` is no limit
   * @param signal ends a pause
   * @param usage that of tests, if not this machine
   */
  constructor(percent: number, clock: Clock, signal?: AbortSignal, usage: MachineUsage = usageOfMachine) {
    this.#percent = percent;
    this.#clock = clock;
    this.#signal = signal;
    this.#usage = usage;
    this.#began = this.#now();
    this.#pace = this.#newPace();
  }

  /** Is true while others need the processors, as far as it knows; never if there is no limit. */
  get isShared(): boolean {
    return this.#pace !== undefined;
  }

  /** Call it after each piece of work, and await what it returns, if anything. @throws the signal's reason */
  pause(): Promise<void> | undefined {
    if (this.#percent === Infinity) return undefined;
    if (this.#usage.wallMs() - this.#began.wallMs >= lookMs) this.#look();
    return this.#pace?.pause(this.#signal);
  }

  /** Waits for what others do for this process: that does not count. */
  async waitFor<T>(work: Promise<T>): Promise<T> {
    const before = this.#now();
    try {
      return await work;
    } finally {
      const [began, now] = [this.#began, this.#now()];
      const wallMs = began.wallMs + now.wallMs - before.wallMs;
      this.#began = { wallMs, othersMs: began.othersMs + now.othersMs - before.othersMs };
    }
  }

  #look(): void {
    const [before, now] = [this.#began, this.#now()];
    this.#began = now;
    const others = (now.othersMs - before.othersMs) / (now.wallMs - before.wallMs);
    const isShared = others > idleShare && this.#usage.processors - others < ownProcessors + 1;
    if (!isShared) this.#pace = undefined;
    else this.#pace ??= this.#newPace();
  }

  #newPace(): Pace | undefined {
    return this.#percent === Infinity ? undefined : new Pace(this.#percent, this.#clock, this.#usage);
  }

  #now(): { readonly wallMs: number; readonly othersMs: number } {
    return { wallMs: this.#usage.wallMs(), othersMs: this.#usage.machineMs() - this.#usage.cpuMs() };
  }
}
