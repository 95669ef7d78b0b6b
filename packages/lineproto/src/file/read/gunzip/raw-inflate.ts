import { createInflateRaw, type InflateRaw } from 'node:zlib';

/** The result of inflating one piece of input. */
export interface InflateStep {
  readonly output: readonly Buffer[];
  /** The bytes of the piece that belong to the deflate stream. */
  readonly consumed: number;
  /** Says whether the deflate stream is complete. */
  readonly ended: boolean;
  /** Set if the input is damaged: nothing more will come. */
  readonly error: Error | undefined;
}

/**
 * The size of the buffers that zlib fills. Its thread stops at a full one until the event loop comes to it, so a buffer holds
 * several steps of telemetry (0.4 MB each). With the default of 16 KiB it inflates at a quarter of the speed.
 */
const OUTPUT_BYTES = 2 * 1024 * 1024;

/** Inflates a deflate stream piece by piece, so that the caller knows where in the input it ended. */
export class RawInflate {
  readonly #inflate: InflateRaw = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  #output: Buffer[] = [];
  #settle: (ended: boolean, error?: Error) => void = () => undefined;

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => this.#output.push(chunk));
    this.#inflate.on('end', () => this.#settle(true));
    this.#inflate.on('error', (error) => this.#settle(false, error));
    // A destroyed stream calls no callback of a write any more.
    this.#inflate.on('close', () => this.#settle(false, new Error('The inflating was ended.')));
  }

  /** Inflates one piece; one call at a time. Never rejects. Deflate gives at most 1,032 bytes for one, which bounds the output. */
  push(piece: Uint8Array): Promise<InflateStep> {
    return new Promise((resolve) => {
      const before = this.#inflate.bytesWritten;
      this.#settle = (ended, error) => {
        const output = this.#output;
        this.#output = [];
        this.#settle = () => undefined;
        resolve({ output, consumed: this.#inflate.bytesWritten - before, ended, error });
      };
      this.#inflate.write(piece, () => {
        // This emits what is still buffered as 'data'.
        this.#inflate.read();
        this.#settle(false);
      });
    });
  }

  close(): void {
    this.#inflate.destroy();
  }
}
