import { readTypeConflict } from '@ceres/influx-http/internal';
import type { WriteAddress } from '../../route/body';
import type { BodyRecords } from '../body-records';
import type { Decision } from '../poster';
import type { Findings } from './findings';
import { codeOf, type GroupSearch, isBad } from './group-search';
import { byShard, type RecordGroup, single } from './record-groups';
import { type TypeGroup, TypeGroups } from './type-groups';

/** This many shards are asked one by one. Of more, halves are asked first: refused records are in few of them, as a rule. */
const SHARDS_ALONE_MAX = 16;

/** What the search works with. */
export interface TypeSearchSettings {
  readonly records: BodyRecords;
  /** Sends records, in this order. */
  readonly post: (numbers: readonly number[]) => Promise<Decision>;
  readonly found: Findings;
  /** Finds refused records where shards are others than their times say. */
  readonly search: GroupSearch;
}

/**
 * Finds the records that are refused because of the types of their fields, shard by shard: an answer for one shard is certain, names one
 * conflict in it, and counts all. Each request but three for a shard finds out at least one refused group of equal records, so that no number of
 * conflicts takes more requests than it has records.
 */
export class TypeSearch {
  readonly #settings: TypeSearchSettings;

  constructor(settings: TypeSearchSettings) {
    this.#settings = settings;
  }

  /** Rejects the records among these that the server refuses. */
  async run(numbers: readonly number[], to: WriteAddress): Promise<void> {
    await this.#searchShards(byShard(this.#settings.records, to, numbers), to);
  }

  /**
   * Rejects the records among these that the server refuses in the shards in which they give one field several types. The others can then be sent
   * together.
   */
  async separate(numbers: readonly number[], to: WriteAddress): Promise<void> {
    for (const shard of byShard(this.#settings.records, to, numbers)) await this.#searchShard(shard, to, 'mixed');
  }

  async #searchShards(shards: readonly RecordGroup[], to: WriteAddress): Promise<void> {
    if (shards.length <= SHARDS_ALONE_MAX) {
      for (const shard of shards) await this.#searchShard(shard, to);
      return;
    }
    const middle = Math.ceil(shards.length / 2);
    for (const half of [shards.slice(0, middle), shards.slice(middle)]) {
      const answer = await this.#settings.post(half.flat().sort((a, b) => a - b));
      if (isBad(answer)) await this.#searchShards(half, to);
    }
  }

  async #searchShard(numbers: RecordGroup, to: WriteAddress, which: 'any' | 'mixed' = 'any'): Promise<void> {
    const { records, found, search } = this.#settings;
    const groups = new TypeGroups(records, to, numbers);
    if (which === 'mixed' && !groups.isDisputed) return;
    const answer = (await this.#ask(groups)) ?? (await this.#contradiction(groups));
    if (answer !== undefined) {
      // Where the types do not explain it, each record is asked for alone. What else is wrong, the next round finds.
      const isAboutTypes = codeOf(answer) === 'TYPE_CONFLICT' || codeOf(answer) === 'EXPIRED';
      if (isAboutTypes) await search.halve(single(numbers), 'TYPE_CONFLICT');
      return;
    }
    for (const { numbers: refused } of groups.refused) found.reject(refused, 'TYPE_CONFLICT');
    for (const conflict of groups.conflicts) found.conflict(conflict);
  }

  /** Asks the server about groups until the fate of all is known; returns the answer that does not tell. */
  async #ask(groups: TypeGroups): Promise<Decision | undefined> {
    for (;;) {
      const sent = groups.next();
      if (sent.length === 0) return undefined;
      const answer = await this.#settings.post(sent.map(({ numbers: [first = 0] }) => first));
      if (!isBad(answer)) {
        // One that has expired gave the shard no type.
        if (answer.kind !== 'stored' && answer.code === 'EXPIRED') return answer;
        groups.stored(sent);
        continue;
      }
      const conflict = answer.kind === 'partly' ? readTypeConflict(answer.message) : undefined;
      if (conflict === undefined || answer.kind !== 'partly') return answer;
      groups.conflict(conflict);
      const refused = new Set(groups.refused);
      const others = sent.filter((group) => !refused.has(group));
      const count = sent.length - others.length;
      if (count === 0 || count > answer.dropped) return answer;
      if (count === answer.dropped) groups.stored(others);
    }
  }

  /** Sends the refused records once more, all of them: where a shard is not one, some of them are good. Returns the answer that shows it. */
  async #contradiction({ refused }: TypeGroups): Promise<Decision | undefined> {
    const all = numbersOf(refused);
    if (all.length === 0) return undefined;
    const answer = await this.#settings.post(all);
    const isRefused = answer.kind === 'partly' && answer.code === 'TYPE_CONFLICT' && answer.dropped === all.length;
    return isRefused ? undefined : answer;
  }
}

function numbersOf(groups: readonly TypeGroup[]): number[] {
  return groups.flatMap(({ numbers }) => numbers).sort((a, b) => a - b);
}
