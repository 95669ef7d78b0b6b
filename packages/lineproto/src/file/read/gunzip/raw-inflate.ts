import { createInflateRaw, type InflateRaw } from 'node:zlib';

/** Output of one piece of input. */
export interface InflateStep {
  readonly output: readonly Buffer[];
  /** The bytes of input that were used since the step before. */
  readonly consumed: number;
  /** Says whether the piece gives more output, to be asked for by `more()`. */
  readonly hasMore: boolean;
  /** Says whether the deflate stream is complete. */
  readonly ended: boolean;
  /** Set if the input is damaged: nothing more will come. */
  readonly error: Error | undefined;
}

/**
 * The size of the buffers that zlib fills. Its thread stops at a full one until the event loop comes to it, so a buffer holds
 * a whole piece of telemetry (1.2 MB). With the default of 16 KiB it inflates at a quarter of the speed.
 */
const OUTPUT_BYTES = 2 * 1024 * 1024;

/** A step ends at this size of output, however far a hostile piece can be inflated. Telemetry stays far below it. */
const STEP_OUTPUT_BYTES = 8 * 1024 * 1024;

/** Inflates a deflate stream piece by piece, so that the caller knows where in the input it ended. */
export class RawInflate {
  readonly #inflate: InflateRaw = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  #output: Buffer[] = [];
  #outputBytes = 0;
  #consumed = 0;
  #isPieceDone = true;
  #ended = false;
  #error: Error | undefined;
  #resolve: ((step: InflateStep) => void) | undefined;

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#inflate.on('end', () => this.#end());
    this.#inflate.on('error', (error) => this.#end(error));
    // A destroyed stream calls no callback of a write any more.
    this.#inflate.on('close', () => this.#end(new Error('The inflating was ended.')));
  }

  /** Inflates one piece, and returns what it gives, or the first part of it. Never rejects. */
  push(piece: Uint8Array): Promise<InflateStep> {
    this.#isPieceDone = false;
    this.#inflate.write(piece, () => {
      // This emits what is still buffered as 'data'.
      this.#inflate.read();
      this.#isPieceDone = true;
      this.#settle();
    });
    return this.more();
  }

  /** Returns what follows a step that had more. One call of this or of `push` at a time. */
  more(): Promise<InflateStep> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#inflate.resume();
      this.#settle();
    });
  }

  close(): void {
    this.#inflate.destroy();
  }

  #take(chunk: Buffer): void {
    this.#output.push(chunk);
    this.#outputBytes += chunk.length;
    if (this.#outputBytes < STEP_OUTPUT_BYTES) return;
    this.#inflate.pause();
    this.#settle();
  }

  #end(error?: Error): void {
    if (!this.#ended) this.#error ??= error;
    this.#ended ||= error === undefined;
    this.#isPieceDone = true;
    this.#settle();
  }

  /** Ends the step, if it is complete and was asked for. */
  #settle(): void {
    if (!this.#isPieceDone && this.#outputBytes < STEP_OUTPUT_BYTES) return;
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#resolve = undefined;
    const output = this.#output;
    const consumed = this.#inflate.bytesWritten - this.#consumed;
    this.#consumed += consumed;
    this.#output = [];
    this.#outputBytes = 0;
    resolve({ output, consumed, hasMore: !this.#isPieceDone, ended: this.#ended, error: this.#error });
  }
}
