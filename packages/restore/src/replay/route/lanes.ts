import { type Body, BodyBuffers, type WriteAddress } from './body';
import { Buckets } from './buckets';
import { SeriesBuckets } from './series-buckets';

/** How many policies may have records that wait for their bodies to fill, and how many bytes of idle policies may wait. */
const destinationsMax = 8;
const idleBytesMax = 8 * 1024 * 1024;
/** Enough buckets to group series by, at any number of lanes. */
const bucketsMin = 16;

/** Divides records over lanes by their series: a lane is sequential, so equal series keep their order. */
export class Lanes {
  readonly #lanes: readonly Lane[];
  readonly #buffers = new BodyBuffers();
  readonly #series: SeriesBuckets;
  /** The buckets by database and policy, the ones used last at the end. */
  readonly #buckets = new Map<string, Buckets>();

  constructor(count: number, deliver: (body: Body) => Promise<void>) {
    const deliverAndReuse = async (body: Body) => {
      await deliver(body);
      this.#buffers.give(body.bytes);
    };
    this.#lanes = Array.from({ length: count }, () => new Lane(deliverAndReuse));
    this.#series = new SeriesBuckets(count * Math.ceil(bucketsMin / count));
  }

  /** Returns the buckets to add records to. Full bodies go out with `send`. */
  async bucketsFor(to: WriteAddress): Promise<Buckets> {
    const key = `${to.database}/${to.retentionPolicy}`;
    const buckets = this.#buckets.get(key) ?? new Buckets(this.#lanes.length, to, this.#series, this.#buffers);
    this.#buckets.delete(key);
    this.#buckets.set(key, buckets);
    buckets.to = to;
    await this.#sendIdle();
    return buckets;
  }

  /** Sends the buckets used longest ago, until the rest is within bounds. */
  async #sendIdle(): Promise<void> {
    const idle = [...this.#buckets].slice(0, -1);
    let waitingBytes = idle.reduce((bytes, [, buckets]) => bytes + buckets.waitingBytes, 0);
    for (const [key, buckets] of idle) {
      if (this.#buckets.size <= destinationsMax && waitingBytes <= idleBytesMax) break;
      waitingBytes -= buckets.waitingBytes;
      this.#buckets.delete(key);
      buckets.flush();
      await this.send(buckets);
    }
  }

  /**
   * Sends the bodies that are ready, and resolves once their lanes have room for more.
   *
   * @throws the error of a delivery
   */
  async send(buckets: Buckets): Promise<void> {
    const ready = buckets.takeReady();
    if (ready.length > 0) await Promise.all(ready.map(({ lane, body }) => this.#lanes[lane]?.push(body)));
  }

  /** Sends what waits for its body to fill. */
  async flush(): Promise<void> {
    for (const buckets of this.#buckets.values()) {
      buckets.flush();
      await this.send(buckets);
    }
  }

  /** Resolves once everything is delivered. */
  async drain(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.drain()));
  }

  /** Resolves once nothing is in flight any more, also after a fault. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#lanes.map((lane) => lane.drain()));
  }
}

/** How many bodies wait behind the one in flight, so that the server does not wait for us. */
const waitingMax = 1;

/** Delivers bodies one after the other: the next is sent only once nothing of the previous one is open. */
class Lane {
  readonly #deliver: (body: Body) => Promise<void>;
  /** A promise for each body that is not delivered yet, the oldest first. */
  readonly #open: Promise<void>[] = [];

  constructor(deliver: (body: Body) => Promise<void>) {
    this.#deliver = deliver;
  }

  /**
   * Adds a body, and resolves as soon as there is room for another one.
   *
   * @throws the error of a delivery; nothing behind that body is sent
   */
  async push(body: Body): Promise<void> {
    const previous = this.#open.at(-1) ?? Promise.resolve();
    const delivered = previous.then(() => this.#deliver(body));
    this.#open.push(delivered);
    delivered.then(
      () => this.#open.shift(),
      () => undefined, // it stays first in line, so that the next push or drain throws its error
    );
    while (this.#open.length > 1 + waitingMax) await this.#open[0];
  }

  /**
   * Resolves once every body is delivered.
   *
   * @throws the error of a delivery
   */
  async drain(): Promise<void> {
    while (this.#open.length > 0) await this.#open[0];
  }
}
