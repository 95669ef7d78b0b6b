import type { Body } from './body';

/** Behind the one in flight, so that the server need not wait for us. */
const waitingMax = 1;

/** Bodies one after the other: the next is sent only when nothing of the last is open any more. */
export class Lane {
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
