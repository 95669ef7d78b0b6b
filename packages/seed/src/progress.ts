import type { ResolvedSeed, SeedProgress } from './options';

/** Counts what a step has done, and estimates its end. */
export class Progress {
  readonly #settings: ResolvedSeed;
  readonly #step: SeedProgress['step'];
  readonly #shardsTotal: number;
  readonly #bytesTotal: number;
  readonly #startedMs: number;
  #shards = 0;
  #bytes = 0;
  #points = 0;
  /** What an earlier run did says nothing about the speed of this one. */
  #shardsBefore = 0;
  #bytesBefore = 0;

  constructor(
    step: SeedProgress['step'],
    shards: readonly { readonly sizeBytes: number | undefined }[],
    settings: ResolvedSeed,
  ) {
    this.#settings = settings;
    this.#step = step;
    this.#shardsTotal = shards.length;
    const isKnown = shards.every(({ sizeBytes }) => sizeBytes !== undefined);
    this.#bytesTotal = isKnown ? shards.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0) : 0;
    this.#startedMs = settings.clock.now();
  }

  points(count: number): void {
    this.#points += count;
    this.#report();
  }

  shard({ sizeBytes = 0 }: { readonly sizeBytes: number | undefined }, wasDone: boolean): void {
    this.#shards += 1;
    this.#bytes += sizeBytes;
    if (wasDone) {
      this.#shardsBefore += 1;
      this.#bytesBefore += sizeBytes;
    }
    this.#report();
  }

  #report(): void {
    this.#settings.onProgress({
      step: this.#step,
      shards: this.#shards,
      shardsTotal: this.#shardsTotal,
      points: this.#points,
      bytes: this.#bytes,
      bytesTotal: this.#bytesTotal,
      etaMs: this.#etaMs(),
    });
  }

  #etaMs(): number | undefined {
    const isBySize = this.#bytesTotal > 0;
    const done = isBySize ? this.#bytes - this.#bytesBefore : this.#shards - this.#shardsBefore;
    const left = isBySize ? this.#bytesTotal - this.#bytes : this.#shardsTotal - this.#shards;
    if (done <= 0) return undefined;
    return Math.round(((this.#settings.clock.now() - this.#startedMs) * left) / done);
  }
}
