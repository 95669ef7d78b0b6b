/** A short pause of a good client must not look like the pace of an attacker. */
const stepMs = 5_000;
const stepsPerWindow = 6;

/** The time over which the pace of an upload is judged. */
export const paceWindowMs: number = stepsPerWindow * stepMs;

/** Measures how fast an upload arrives. */
export class UploadPace {
  readonly #onWindow: (bytes: number) => void;
  readonly #steps: number[] = [];
  #stepBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onWindow gets the bytes of the last `paceWindowMs`, every few seconds from the end of the first on */
  constructor(onWindow: (bytes: number) => void) {
    this.#onWindow = onWindow;
    this.#begin();
  }

  /** The bytes that arrived in the last few seconds; `Infinity` at first, when nothing is known yet. */
  get recentBytes(): number {
    return this.#steps.at(-1) ?? Infinity;
  }

  add(bytes: number): void {
    this.#stepBytes += bytes;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #begin(): void {
    // What arrived while this process was busy is read between the two: it counts before the pace is judged.
    this.#timer = setTimeout(() => setImmediate(() => this.#endStep()), stepMs);
  }

  #endStep(): void {
    if (this.#timer === undefined) return;
    this.#steps.push(this.#stepBytes);
    this.#stepBytes = 0;
    this.#begin();
    if (this.#steps.length < stepsPerWindow) return;
    this.#onWindow(this.#steps.reduce((sum, bytes) => sum + bytes, 0));
    this.#steps.shift();
  }
}
