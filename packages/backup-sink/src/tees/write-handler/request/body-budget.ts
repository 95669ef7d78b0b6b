import { Refusal } from '../reply';

/** An upload that is still arriving. */
interface Upload {
  /** How many bytes of it arrived lately. */
  readonly recentBytes: number;
  /** Ends it; nothing of it is kept. */
  end(refusal: Refusal): void;
}

/**
 * Limits what the bodies of all requests together hold in memory. A body holds what has arrived of it, whatever length it declares. When
 * nothing is left, the slowest upload gives up its share: uploads that drip cannot keep good clients out. A request that finds no slower
 * one is answered 503.
 */
export class BodyBudget {
  readonly #bytesMax: number;
  readonly #shares = new Set<Share>();
  #heldBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Returns the share of one request, empty at first. */
  lease(): BodyLease {
    const share: Share = { bytes: 0, upload: undefined };
    this.#shares.add(share);
    return {
      take: (bytes) => {
        while (this.#heldBytes + bytes > this.#bytesMax) this.#makeRoom(share);
        this.#heldBytes += bytes;
        share.bytes += bytes;
      },
      arrives: (upload) => {
        share.upload = upload;
      },
      release: () => this.#release(share),
    };
  }

  #release(share: Share): void {
    this.#heldBytes -= share.bytes;
    share.bytes = 0;
    share.upload = undefined;
    this.#shares.delete(share);
  }

  /** @throws Refusal 503 if no upload is slower than that of `asking` */
  #makeRoom(asking: Share): void {
    let slowest: Share | undefined;
    for (const share of this.#shares) {
      if (share.bytes > 0 && paceOf(share) < paceOf(slowest ?? asking)) slowest = share;
    }
    const { upload } = slowest ?? {};
    if (slowest === undefined || upload === undefined) {
      const message = `the bodies of all writes in progress hold ${this.#bytesMax} bytes: try again`;
      throw new Refusal(503, message, { closes: true });
    }
    this.#release(slowest);
    upload.end(
      new Refusal(408, 'the body arrives too slowly, and others need the memory: try again', { closes: true }),
    );
  }
}

interface Share {
  bytes: number;
  upload: Upload | undefined;
}

function paceOf({ upload }: Share): number {
  return upload?.recentBytes ?? Infinity;
}

/** The share of one request. */
export interface BodyLease {
  /** @throws Refusal 503 */
  take(bytes: number): void;
  /** Names the upload that the share is for, or `undefined` once it has arrived. */
  arrives(upload: Upload | undefined): void;
  release(): void;
}
