import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { type InflateRoom, OUTPUT_BYTES } from './inflate-room';

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

/** A step ends at this size of output, however far a hostile piece can be inflated. Telemetry stays far below it. */
const STEP_OUTPUT_BYTES = 8 * 1024 * 1024;

/**
 * The place that a stream of `node:zlib` puts its output next: it offers no other way to use memory again. A version of Node without these would use
 * its own memory instead.
 */
interface OutputPlace {
  _outBuffer?: Buffer;
  _outOffset?: number;
}

/** Inflates a deflate stream piece by piece, so that the caller knows where in the input it ended. */
export class RawInflate {
  readonly #inflate: InflateRaw & OutputPlace = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  readonly #room: InflateRoom | undefined;
  /** The part of the room that is being filled, and how far. */
  #place: Buffer | undefined;
  #filled = 0;
  #output: Buffer[] = [];
  #outputBytes = 0;
  #consumed = 0;
  #isPieceDone = true;
  #ended = false;
  #error: Error | undefined;
  #resolve: ((step: InflateStep) => void) | undefined;

  /** @param room default: new memory */
  constructor(room?: InflateRoom) {
    this.#room = room;
    this.#inflate.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#inflate.on('end', () => {
      this.#leavePlace();
      this.#end();
    });
    this.#inflate.on('error', (error) => this.#end(error));
    // A destroyed stream calls no callback of a write any more.
    this.#inflate.on('close', () => this.#end(new Error('The inflating was ended.')));
  }

  /** Inflates one piece, and returns what it gives, or the first part of it. Never rejects. */
  push(piece: Uint8Array): Promise<InflateStep> {
    this.#isPieceDone = false;
    this.#takePlace();
    this.#inflate.write(piece, () => {
      // This emits what is still buffered as 'data'.
      this.#inflate.read();
      this.#leavePlace();
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

  #takePlace(): void {
    if (this.#room === undefined) return;
    this.#place = this.#room.begin();
    this.#filled = 0;
    this.#inflate._outBuffer = this.#place ?? Buffer.allocUnsafeSlow(OUTPUT_BYTES);
    this.#inflate._outOffset = 0;
  }

  #leavePlace(): void {
    if (this.#place !== undefined) this.#room?.filled(this.#filled);
    this.#place = undefined;
  }

  #take(chunk: Buffer): void {
    this.#output.push(chunk);
    if (chunk.buffer === this.#place?.buffer) this.#filled += chunk.length;
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
