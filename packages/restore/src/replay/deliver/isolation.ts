import type { WriteAddress } from '../route/body';
import { whyInvalid } from '../route/record-filter';
import type { BodyRecords } from './body-records';
import { Findings } from './findings';
import { GroupSearch, isTimeStripped, type Search } from './group-search';
import type { Decision } from './poster';
import {
  byFirstType,
  bySeries,
  byTypes,
  hasTooLongString,
  isInConflict,
  mayHaveTimeField,
  withMixedTypes,
} from './record-groups';

/** The rest is given up after sending the body this many times without the bad records found so far. */
const roundsMax = 16;

const inConflict: Search = { code: 'TYPE_CONFLICT', isGrouped: true };

/** What the search works with. */
export interface IsolationSettings {
  readonly records: BodyRecords;
  readonly to: WriteAddress;
  /** Sends records, in this order. */
  readonly post: (numbers: readonly number[]) => Promise<Decision>;
}

/**
 * Finds the records that a server refuses, until all others are known to be stored.
 *
 * Each round takes the bad records out and sends the rest again, in the order of the body, so that the last write of a
 * point stays the last. The bad records are those that the line protocol or InfluxDB's message names, or else those that
 * halving finds. The number of requests is bounded. If the bad records among some are not found in time, all of those are
 * rejected, although the server may hold some of them: nothing is lost either way.
 */
export class Isolation {
  readonly #settings: IsolationSettings;
  readonly #found = new Findings();
  readonly #search: GroupSearch;
  /** The code of the last answer, if nothing came of the search for its cause. */
  #fruitless: string | undefined;
  /** Set once the records without a field `time` are known to be stored. */
  #isOnlyTimeStripped = false;

  constructor(settings: IsolationSettings) {
    this.#settings = settings;
    this.#search = new GroupSearch(settings.post, this.#found);
  }

  /**
   * Runs the search.
   *
   * @param first the answer to the whole body
   */
  async run(first: Decision): Promise<Findings> {
    const { records, post } = this.#settings;
    let left: readonly number[] = records.all();
    let decision = first;
    for (let round = 1; left.length > 0 && !this.#isDone(decision); round += 1) {
      if (round > roundsMax) this.#found.reject(left);
      else await this.#findBad(left, decision);
      const before = left.length;
      left = left.filter((n) => !this.#found.has(n));
      this.#fruitless = left.length === before && decision.kind !== 'stored' ? decision.code : undefined;
      if (left.length > 0) decision = await post(left);
    }
    return this.#found;
  }

  #isDone(decision: Decision): boolean {
    return decision.kind === 'stored' || (this.#isOnlyTimeStripped && isTimeStripped(decision));
  }

  async #findBad(numbers: readonly number[], decision: Decision): Promise<void> {
    if (decision.kind === 'stored') return;
    const { records } = this.#settings;
    switch (decision.code) {
      case 'MIXED_TYPES':
        // InfluxDB 1.6 to 1.11 store nothing, and take one or two of the fields into the shard each time: sent again and
        // again, ten thousand lines would be refused once for each field. One record of each kind tells as much.
        await this.#searchMixedTypes(numbers, decision);
        return; // sent again, the others are stored
      case 'EXPIRED':
        // It hides records that do not parse, and those would seem to be among the oldest.
        if (!this.#rejectInvalid(numbers)) this.#expireOldest(numbers, decision);
        return;
      case 'TYPE_CONFLICT':
        if (!this.#rejectNamedConflict(numbers, decision)) await this.#searchTypes(numbers, decision);
        return;
      case 'LIMIT':
        // InfluxDB loses points of existing series too, which the next round sends again.
        if (!this.#rejectInvalid(numbers)) await this.#searchSeries(numbers, decision);
        return;
      case 'TOO_LONG':
        if (!this.#rejectTooLong(numbers)) await this.#search.halveSingle(numbers, decision);
        return;
      case 'TIME_STRIPPED':
        if (!this.#rejectInvalid(numbers)) await this.#searchWithoutTime(numbers, decision);
        return;
      case 'WRITE_WINDOW':
        // The bad ones are the oldest or the newest.
        if (!this.#rejectInvalid(numbers))
          await this.#search.halveSingle(records.oldest(numbers, numbers.length), decision);
        return;
      default:
        if (!this.#rejectInvalid(numbers)) await this.#search.halveSingle(numbers, decision);
    }
  }

  #expireOldest(numbers: readonly number[], decision: Decision): void {
    const dropped = decision.kind === 'partly' ? decision.dropped : 0;
    this.#found.expire(this.#settings.records.oldest(numbers, dropped));
  }

  #rejectInvalid(numbers: readonly number[]): boolean {
    const before = this.#found.rejected.size;
    for (const n of numbers) {
      const code = whyInvalid(this.#settings.records.record(n), this.#settings.to.precision);
      if (code !== undefined) this.#found.reject([n], code);
    }
    return this.#found.rejected.size > before;
  }

  #rejectTooLong(numbers: readonly number[]): boolean {
    const { records, to } = this.#settings;
    const found = numbers.filter((n) => hasTooLongString(records.text(n), to.precision));
    this.#found.reject(found, 'TOO_LONG');
    return found.length > 0;
  }

  /** Rejects the records of the one conflict that InfluxDB names, if it refused no others. */
  #rejectNamedConflict(numbers: readonly number[], decision: Decision): boolean {
    const conflict = this.#found.noteConflict(decision);
    if (conflict === undefined || decision.kind !== 'partly') return false;
    const { records, to } = this.#settings;
    const suspects = numbers.filter((n) => isInConflict(records.text(n), to.precision, conflict));
    // Types are kept by shard: where the counts differ, the same type is right in another shard, or other fields conflict.
    if (suspects.length === 0 || suspects.length !== decision.dropped) return false;
    this.#found.reject(suspects, 'TYPE_CONFLICT');
    return true;
  }

  /**
   * Finds the bad records behind an answer about a field `time`, which InfluxDB 1.12 has left out of a point that it stored.
   * Such an answer hides every other that it would give, so the records without such a field are sent alone.
   */
  async #searchWithoutTime(numbers: readonly number[], decision: Decision): Promise<void> {
    const { records, post } = this.#settings;
    if (!isTimeStripped(decision)) {
      await this.#search.halveSingle(numbers, decision);
      return;
    }
    const others = numbers.filter((n) => !mayHaveTimeField(records.text(n)));
    const answer = others.length === 0 ? ({ kind: 'stored' } as const) : await post(others);
    if (answer.kind === 'stored') this.#isOnlyTimeStripped = true;
    else await this.#findBad(others, answer);
  }

  async #searchMixedTypes(numbers: readonly number[], decision: Decision): Promise<void> {
    const { records, to } = this.#settings;
    // If nothing came of it, the policy's shards were longer once: records of several present shards are in one.
    const address = this.#fruitless === 'MIXED_TYPES' ? { ...to, shardDurationMs: Infinity } : to;
    await this.#searchTypes(withMixedTypes(records, address, numbers), decision, address);
  }

  /** Finds the records in conflict. First those that agree with the first type of each field are sent, then the others. */
  async #searchTypes(numbers: readonly number[], decision: Decision, to = this.#settings.to): Promise<void> {
    const { records } = this.#settings;
    if (decision.kind === 'partly' && decision.dropped === numbers.length) {
      this.#found.reject(numbers, 'TYPE_CONFLICT');
      return;
    }
    // Then the shards are others than the policy's present shard duration says.
    if (this.#fruitless === 'TYPE_CONFLICT') {
      await this.#search.halveSingle(records.oldest(numbers, numbers.length), decision);
      return;
    }
    const [agreeing, others] = byFirstType(records, to, byTypes(records, to, numbers));
    if (others.length === 0) {
      await this.#search.halve(agreeing, inConflict); // Sent at once, they would only bring the same answer.
    } else {
      await this.#search.try(agreeing, inConflict);
      await this.#search.try(others, inConflict);
    }
  }

  /**
   * Finds the series for which there is no room. InfluxDB refuses a batch by its lines of new series, so that one record of
   * each may be stored where the whole batch was not.
   */
  async #searchSeries(numbers: readonly number[], decision: Decision): Promise<void> {
    const { records, to } = this.#settings;
    if (this.#fruitless === 'LIMIT') await this.#search.halveSingle(numbers, decision);
    else await this.#search.halve(bySeries(records, to, numbers), { code: 'LIMIT', isGrouped: true });
  }
}
