import { createInflateRaw, type InflateRaw } from 'node:zlib';

/** What one piece of input gave. */
export interface InflateStep {
  readonly output: readonly Buffer[];
  /** Bytes of the piece that belong to the deflate stream. */
  readonly consumed: number;
  /** The deflate stream is complete. */
  readonly ended: boolean;
  /** The input is damaged; nothing more will come. */
  readonly error: Error | undefined;
}

/**
 * Of the buffers zlib fills. Its thread stops at a full one until the event loop has a moment, so a buffer holds
 * several steps of telemetry (0.4 MB each); with the default of 16 KiB it inflates at a quarter of the speed.
 */
const OUTPUT_BYTES = 2 * 1024 * 1024;

/** A deflate stream inflated piece by piece, so that the caller knows where in the input it ended. */
export class RawInflate {
  readonly #inflate: InflateRaw = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  #output: Buffer[] = [];
  #settle: (ended: boolean, error?: Error) => void = () => undefined;

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => this.#output.push(chunk));
    this.#inflate.on('end', () => this.#settle(true));
    this.#inflate.on('error', (error) => this.#settle(false, error));
  }

  /**
   * Never rejects. One call at a time. Deflate gives at most 1,032 bytes for one, which bounds the output of a piece.
   */
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
        // What is still buffered comes as 'data' now.
        this.#inflate.read();
        this.#settle(false);
      });
    });
  }

  close(): void {
    this.#inflate.destroy();
  }
}
