import type { ShardName } from '../containers/shard-name';
import type { DoubtfulPoints, SalvageLoss, SalvageOptions } from './contract';

/** The times that a shard can hold, if its metadata is there. */
export interface ShardLimits {
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

/** A loss in a shard that is known. */
export type ShardLoss = Omit<SalvageLoss, 'shard'>;

/** Reports what is lost and what is doubtful of one shard. */
export class ShardLosses {
  readonly shard: ShardName;
  readonly limits: ShardLimits | undefined;
  readonly #salvage: SalvageOptions;

  constructor(salvage: SalvageOptions, shard: ShardName, limits: ShardLimits | undefined) {
    this.#salvage = salvage;
    this.shard = shard;
    this.limits = limits;
  }

  /** Reports a loss. Where it does not say its times, they are those of the shard. */
  lost(loss: ShardLoss): void {
    const { limits } = this;
    const times = limits && { minTimeNs: limits.firstNs, maxTimeNs: limits.lastNs };
    this.#salvage.onLoss({ ...times, ...loss, shard: this.shard });
  }

  async doubtful(points: Omit<DoubtfulPoints, 'shard'>): Promise<void> {
    await this.#salvage.onDoubtful({ ...points, shard: this.shard });
  }

  unchecked(file: string, reason: string): void {
    this.#salvage.onUnchecked?.({ file, shard: this.shard, reason });
  }

  /** Throws if the reading should end. */
  checkSignal(): void {
    this.#salvage.signal?.throwIfAborted();
  }
}
