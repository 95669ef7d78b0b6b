import { type Body, BodyBuffers, type WriteDestination } from './body';
import { Buckets } from './buckets';
import { SeriesBuckets } from './series-buckets';

/** How many policies may have records that wait for their bodies to fill, and how many bytes those no longer written to. */
const destinationsMax = 8;
const idleBytesMax = 8 * 1024 * 1024;
/** Enough to group series by, at any number of lanes. */
const bucketsMin = 16;

/** Divides records over lanes by their series: a lane is sequential, so equal series keep their order. */
export class Lanes {
  readonly #lanes: readonly Lane[];
  readonly #buffers = new BodyBuffers();
  readonly #series: SeriesBuckets;
  /** By database and policy, the one used last at the end. */
  readonly #buckets = new Map<string, Buckets>();

  constructor(count: number, deliver: (body: Body) => Promise<void>) {
    const deliverAndReuse = async (body: Body) => {
      await deliver(body);
      this.#buffers.give(body.bytes);
    };
    this.#lanes = Array.from({ length: count }, () => new Lane(deliverAndReuse));
    this.#series = new SeriesBuckets(count * Math.ceil(bucketsMin / count));
  }

  /** Where to add records; what is full then goes out with `send`. */
  async bucketsFor(to: WriteDestination): Promise<Buckets> {
    const key = `${to.database}/${to.retentionPolicy}`;
    const buckets = this.#buckets.get(key) ?? new Buckets(this.#lanes.length, to, this.#series, this.#buffers);
    this.#buckets.delete(key);
    this.#buckets.set(key, buckets);
    buckets.to = to;
    await this.#sendIdle();
    return buckets;
  }

  /** Those used longest ago, until the rest is within bounds. */
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
   * Resolves when every lane concerned has room for more.
   *
   * @throws what delivering threw
   */
  async send(buckets: Buckets): Promise<void> {
    const ready = buckets.takeReady();
    if (ready.length > 0) await Promise.all(ready.map(({ lane, body }) => this.#lanes[lane]?.push(body)));
  }

  /** Sends what waits for a body to fill. */
  async flush(): Promise<void> {
    for (const buckets of this.#buckets.values()) {
      buckets.flush();
      await this.send(buckets);
    }
  }

  /** Resolves when all is delivered. */
  async drain(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.drain()));
  }

  /** Resolves when nothing is in flight any more, whatever became of it. */
  async rest(): Promise<void> {
    await Promise.allSettled(this.#lanes.map((lane) => lane.drain()));
  }
}

/** Behind the one in flight, so that the server need not wait for us. */
const waitingMax = 1;

/** Bodies one after the other: the next is sent only when nothing of the last is open any more. */
class Lane {
  readonly #deliver: (body: Body) => Promise<void>;
  /** One for each body that is not delivered yet, the oldest first. */
  readonly #open: Promise<void>[] = [];

  constructor(deliver: (body: Body) => Promise<void>) {
    this.#deliver = deliver;
  }

  /**
   * Resolves as soon as there is room for another.
   *
   * @throws what delivering threw; nothing behind that body is sent
   */
  async push(body: Body): Promise<void> {
    const previous = this.#open.at(-1) ?? Promise.resolve();
    const delivered = previous.then(() => this.#deliver(body));
    this.#open.push(delivered);
    delivered.then(
      () => this.#open.shift(),
      () => undefined, // it stays the first in line, and throws at whoever pushes or drains
    );
    while (this.#open.length > 1 + waitingMax) await this.#open[0];
  }

  /** @throws what delivering threw */
  async drain(): Promise<void> {
    while (this.#open.length > 0) await this.#open[0];
  }
}
