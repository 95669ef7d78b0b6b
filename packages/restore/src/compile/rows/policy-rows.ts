import type { WriteAddress } from '../../replay/route/body';
import type { KnownType, ShardPlace } from '../compiled-shard';
import { isBefore, type Words, wordsOf } from '../records/word-bounds';
import { ShardRows } from './shard-rows';
import { shardGroupAt } from './shard-times';

/** What chooses the shards of a policy and knows of their types. */
export interface ShardChoice {
  readonly isWanted: (place: ShardPlace) => boolean;
  readonly knownTypes: (place: ShardPlace) => readonly KnownType[];
}

interface ShardSlot {
  readonly from: Words;
  readonly until: Words;
  /** `undefined` if the shard is not wanted. */
  readonly rows: ShardRows | undefined;
}

/** The shards of one policy, by time. */
export class PolicyRows {
  readonly #to: WriteAddress;
  readonly #durationNs: bigint;
  readonly #choice: ShardChoice;
  readonly #slots = new Map<bigint, ShardSlot>();
  #last: ShardSlot | undefined;

  constructor(to: WriteAddress, choice: ShardChoice) {
    this.#to = to;
    this.#durationNs = BigInt(to.shardDurationMs) * 1_000_000n;
    this.#choice = choice;
  }

  /** The name that conflicts are reported under. */
  get name(): string {
    return `${this.#to.database}.${this.#to.retentionPolicy}`;
  }

  /** The shards that have records, in the order of their times. */
  get shards(): ShardRows[] {
    const all = [...this.#slots.values()].flatMap(({ rows }) => (rows === undefined ? [] : [rows]));
    return all.sort((a, b) => (a.place.startNs < b.place.startNs ? -1 : 1));
  }

  /** Returns the shard that holds a time, given as its words, the high one signed; `undefined` if it is not wanted. */
  shardAt(high: number, low: number): ShardRows | undefined {
    const last = this.#last;
    if (last !== undefined && !isBefore(high, low, last.from) && isBefore(high, low, last.until)) return last.rows;
    return this.#find((BigInt(high) << 32n) | BigInt(low)).rows;
  }

  #find(timeNs: bigint): ShardSlot {
    const times = shardGroupAt(timeNs, this.#durationNs);
    let slot = this.#slots.get(times.startNs);
    if (slot === undefined) {
      const { database, retentionPolicy } = this.#to;
      const place = { database, retentionPolicy, ...times };
      const rows = this.#choice.isWanted(place) ? new ShardRows(place, this.#choice.knownTypes(place)) : undefined;
      slot = { from: wordsOf(times.startNs), until: wordsOf(times.endNs), rows };
      this.#slots.set(times.startNs, slot);
    }
    this.#last = slot;
    return slot;
  }
}
