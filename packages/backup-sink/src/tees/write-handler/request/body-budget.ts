import { Refusal } from '../reply';

/** Limits what the bodies of all requests together hold in memory. A request that finds nothing left is answered 503. */
export class BodyBudget {
  readonly #bytesMax: number;
  #heldBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Returns the share of one request, empty at first. */
  lease(): BodyLease {
    let leasedBytes = 0;
    return {
      take: (bytes) => {
        if (this.#heldBytes + bytes > this.#bytesMax) {
          throw new Refusal(503, `the bodies of all writes in progress hold ${this.#bytesMax} bytes: try again`, {
            closes: true,
          });
        }
        this.#heldBytes += bytes;
        leasedBytes += bytes;
      },
      release: () => {
        this.#heldBytes -= leasedBytes;
        leasedBytes = 0;
      },
    };
  }
}

/** The share of one request. */
export interface BodyLease {
  /** @throws Refusal 503 */
  take(bytes: number): void;
  release(): void;
}
