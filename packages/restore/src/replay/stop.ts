/** How long writes in flight may take to end once a restore was told to stop. */
const graceMs = 10_000;

/** Stops a restore from outside, by the caller's signal, or from inside, by the first fault. */
export class Stop {
  readonly #stop = new AbortController();
  readonly #cutOff = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = () => this.#begin(this.#outer?.reason);
  #grace: NodeJS.Timeout | undefined;

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted) this.#onOuter();
    else outer?.addEventListener('abort', this.#onOuter, { once: true });
  }

  /** Aborted: nothing new begins. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted some seconds later: what is still in flight is given up. */
  get cutOff(): AbortSignal {
    return this.#cutOff.signal;
  }

  /** Whatever is thrown from now on is a consequence of this. */
  fail(error: unknown): void {
    this.#begin(error);
  }

  /** Nothing is in flight any more. */
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
