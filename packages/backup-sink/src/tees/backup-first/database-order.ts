import type { InFlight } from './in-flight';
import type { SeriesOfLines } from './series-of-lines';
import { WriteQueue } from './write-queue';

/**
 * The writes of one database that are on their way to InfluxDB, in the order of the backup. They are listed by their series once
 * somebody asks for one that shares a point: so the cost of a question does not grow with the number of writes on their way.
 */
export class DatabaseOrder {
  readonly #finder: SeriesOfLines;
  readonly #all = new WriteQueue();
  /** Those whose series were not asked for yet: the newest. */
  readonly #unlisted = new Set<InFlight>();
  readonly #bySeries = new Map<number, WriteQueue>();
  /** Those that may hold any series. */
  readonly #ofAnySeries = new WriteQueue();

  constructor(finder: SeriesOfLines) {
    this.#finder = finder;
  }

  get isEmpty(): boolean {
    return this.#all.isEmpty;
  }

  enter(write: InFlight): void {
    this.#all.add(write);
    this.#unlisted.add(write);
  }

  leave(write: InFlight): void {
    write.leave();
    this.#all.oneLeft();
    if (!this.#unlisted.delete(write)) this.#unlist(write);
  }

  /** Returns the newest write before this one that shares a point with it, and has not left; `undefined` if there is none. */
  blocking(write: InFlight): InFlight | undefined {
    // Most often there is none at all, or none of the same time: then no series are looked at.
    if (!this.#all.overlapsOneBefore(write)) return undefined;
    this.#listUpTo(write);
    const series = write.series(this.#finder);
    if (series === undefined) return this.#all.newestBefore(write);
    let found = this.#ofAnySeries.newestBefore(write);
    for (const number of series) {
      const other = this.#bySeries.get(number)?.newestBefore(write);
      if (other !== undefined && other.place > (found?.place ?? -1)) found = other;
    }
    return found;
  }

  #listUpTo(last: InFlight): void {
    for (const write of this.#unlisted) {
      if (write.place > last.place) return;
      this.#unlisted.delete(write);
      const series = write.series(this.#finder);
      if (series === undefined) this.#ofAnySeries.add(write);
      for (const number of series ?? []) {
        const holders = this.#bySeries.get(number) ?? new WriteQueue();
        this.#bySeries.set(number, holders);
        holders.add(write);
      }
    }
  }

  #unlist(write: InFlight): void {
    const series = write.series(this.#finder);
    if (series === undefined) this.#ofAnySeries.oneLeft();
    for (const number of series ?? []) {
      const holders = this.#bySeries.get(number);
      holders?.oneLeft();
      if (holders?.isEmpty === true) this.#bySeries.delete(number);
    }
  }
}
