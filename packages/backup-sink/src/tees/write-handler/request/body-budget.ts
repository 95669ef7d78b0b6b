import { Refusal } from '../reply';

/** What the bodies of all requests at once may hold in memory; who finds it spent is told to come again. */
export class BodyBudget {
  readonly #bytesMax: number;
  #heldBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  lease(): BodyLease {
    let leasedBytes = 0;
    return {
      take: (bytes) => {
        if (this.#heldBytes + bytes > this.#bytesMax) {
          throw new Refusal(503, `the bodies of all writes under way hold ${this.#bytesMax} bytes: try again`, {
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

/** One request's share. */
export interface BodyLease {
  /** @throws Refusal 503 */
  take(bytes: number): void;
  release(): void;
}
