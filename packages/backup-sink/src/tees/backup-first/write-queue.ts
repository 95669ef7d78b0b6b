import type { InFlight } from './in-flight';

/** The list is cleaned up when at least this many have left. */
const keptMin = 32;

/** Writes in the order of the backup. Adding, leaving and looking for the newest cost the same, however many there are. */
export class WriteQueue {
  /** Those that have left stay in it for a while: never more of them than others, but for a few. */
  #writes: InFlight[] = [];
  #leftCount = 0;
  /** All before it have left. */
  #head = 0;

  get isEmpty(): boolean {
    return this.#leftCount === this.#writes.length;
  }

  add(write: InFlight): void {
    this.#writes.push(write);
  }

  /** Call it when one of its writes has left. */
  oneLeft(): void {
    this.#leftCount += 1;
    while (this.#writes[this.#head]?.hasLeft === true) this.#head += 1;
    if (this.#leftCount < keptMin || this.#leftCount * 2 < this.#writes.length) return;
    this.#writes = this.#writes.filter(({ hasLeft }) => !hasLeft);
    this.#leftCount = 0;
    this.#head = 0;
  }

  /** Says whether a write that stands before this one overlaps it, the oldest first. */
  overlapsOneBefore(write: InFlight): boolean {
    for (let at = this.#head; at < this.#writes.length; at += 1) {
      const other = this.#writes[at] as InFlight;
      if (other.place >= write.place) return false;
      if (!other.hasLeft && write.overlaps(other)) return true;
    }
    return false;
  }

  /** Returns the newest write that stands before this one and overlaps it; `undefined` if there is none. */
  newestBefore(write: InFlight): InFlight | undefined {
    for (let at = this.#countBefore(write) - 1; at >= this.#head; at -= 1) {
      const other = this.#writes[at] as InFlight;
      if (!other.hasLeft && write.overlaps(other)) return other;
    }
    return undefined;
  }

  #countBefore({ place }: InFlight): number {
    let [from, to] = [this.#head, this.#writes.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#writes[middle] as InFlight).place < place) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
