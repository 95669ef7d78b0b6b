import type { WriteAddress } from '../../replay/route/body';
import { type ShardChoice, type ShardPlace, shardIdentity } from '../compiled-shard';
import { isBefore, type Words, wordsOf } from '../records/word-bounds';
import type { RowMemory } from './row-memory';
import { ShardRows } from './shard-rows';
import { shardGroupAt } from './shard-times';

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
  readonly #memory: RowMemory;
  readonly #slots = new Map<bigint, ShardSlot>();
  #last: ShardSlot | undefined;

  constructor(to: WriteAddress, choice: ShardChoice, memory: RowMemory) {
    this.#to = to;
    this.#durationNs = BigInt(to.shardDurationMs) * 1_000_000n;
    this.#choice = choice;
    this.#memory = memory;
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
      const rows = this.#rowsOf(place);
      slot = { from: wordsOf(times.startNs), until: wordsOf(times.endNs), rows };
      this.#slots.set(times.startNs, slot);
    }
    this.#last = slot;
    return slot;
  }

  #rowsOf(place: ShardPlace): ShardRows | undefined {
    const { only, without, types } = this.#choice;
    const identity = shardIdentity(place);
    const isWanted = only === undefined ? without?.has(identity) !== true : only.has(identity);
    return isWanted ? new ShardRows(place, types?.get(identity) ?? [], this.#memory) : undefined;
  }
}
