import { setMaxListeners } from 'node:events';

/** How long writes in flight may take to finish once a restore is stopped. */
const graceMs = 10_000;

/** Stops a restore: from outside by the caller's signal, or from inside by the first fault. */
export class Stop {
  readonly #stop = new AbortController();
  readonly #cutOff = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = () => this.#begin(this.#outer?.reason);
  #grace: NodeJS.Timeout | undefined;

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    setMaxListeners(0, this.#stop.signal); // each of many concurrent calls listens to it
    if (outer?.aborted) this.#onOuter();
    else outer?.addEventListener('abort', this.#onOuter, { once: true });
  }

  /** Aborts when the restore stops: nothing new starts. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborts some seconds after `signal`: writes that are still in flight are given up. */
  get cutOff(): AbortSignal {
    return this.#cutOff.signal;
  }

  /** Stops for a fault. Everything thrown after it is a consequence of it. */
  fail(error: unknown): void {
    this.#begin(error);
  }

  /** Ends the grace period: nothing is in flight any more. */
  end(): void {
    clearTimeout(this.#grace);
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }

  #begin(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(reason);
    this.#grace = setTimeout(() => this.#cutOff.abort(reason), graceMs);
  }
}
