/** The most memory that waits to be used again: that of one shard, as a rule. */
const SPARE_BYTES_MAX = 64 * 1024 * 1024;
/** The shards of a policy are about equally large: this much more room makes the memory of one fit the next. */
const ROOM = 1.25;
const UNIT_BYTES = 64 * 1024;

/** Keeps the memory of files that were closed for those of the next shard: to get fresh memory takes longer than to fill it. */
export class SpareMemory {
  #spare: Buffer[] = [];
  #bytes = 0;

  /** Returns memory of at least this size. */
  take(sizeBytes: number): Buffer {
    const fitting = this.#spare.filter(({ length }) => length >= sizeBytes && length <= 4 * sizeBytes + UNIT_BYTES);
    const [smallest] = fitting.sort((a, b) => a.length - b.length);
    if (smallest === undefined) return Buffer.allocUnsafeSlow(Math.ceil((sizeBytes * ROOM) / UNIT_BYTES) * UNIT_BYTES);
    this.#drop(smallest);
    return smallest;
  }

  /** Takes back what no one reads any more. What is too much is left to the garbage collector, the oldest first. */
  giveBack(memory: Buffer): void {
    this.#spare.push(memory);
    this.#bytes += memory.length;
    while (this.#bytes > SPARE_BYTES_MAX) this.#drop(this.#spare[0] as Buffer);
  }

  #drop(memory: Buffer): void {
    this.#spare = this.#spare.filter((one) => one !== memory);
    this.#bytes -= memory.length;
  }
}
