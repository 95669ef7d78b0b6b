import { orAborted } from '@ceres/internal';
import type { EncodedLines } from '../../internals';
import { DatabaseOrder } from './database-order';
import { InFlight } from './in-flight';
import { SeriesOfLines } from './series-of-lines';

/** The place of a write among those that are on their way to InfluxDB. */
export interface Turn {
  /**
   * Resolves when all earlier writes that share a point with this one have been answered, or given up.
   *
   * @throws the signal's reason
   */
  ready(signal: AbortSignal): Promise<void>;
  /** Lets the writes behind it go on. */
  leave(): void;
}

/**
 * Keeps writes of one point in the order of the backup on their way to InfluxDB, so that both end with the same value. Writes that share no
 * series, no time or no policy do not wait for each other, and cost nothing but the comparison of their times. A write on its own costs
 * nothing at all.
 */
export class SendOrder {
  readonly #databases = new Map<string, DatabaseOrder>();
  readonly #finder = new SeriesOfLines();
  #places = 0;

  /** Takes the next place. Call it in the order in which the sink gets the writes. */
  enter(database: string, retentionPolicy: string, lines: EncodedLines): Turn {
    const order = this.#databases.get(database) ?? new DatabaseOrder(this.#finder);
    this.#databases.set(database, order);
    const write = new InFlight(this.#places, retentionPolicy, lines);
    this.#places += 1;
    order.enter(write);
    return {
      ready: async (signal) => {
        // Looked for only now: most of the writes before it were answered while this one was made durable. When the newest has left,
        // those before it mostly have too.
        for (;;) {
          const blocking = order.blocking(write);
          if (blocking === undefined) return;
          await orAborted(blocking.left, signal);
        }
      },
      leave: () => {
        order.leave(write);
        if (order.isEmpty) this.#databases.delete(database);
      },
    };
  }
}
