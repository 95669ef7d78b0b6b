import { readTypeConflict, type TypeConflict } from '@ceres/influx-http/internal';
import type { RejectCode } from '../account/rejects';
import type { WriteAddress } from '../route/body';
import { whyInvalid } from '../route/record-filter';
import type { BodyRecords } from './body-records';
import type { Decision } from './poster';
import {
  byFirstType,
  bySeries,
  byTypes,
  hasTooLongString,
  isInConflict,
  mayHaveTimeField,
  type RecordGroup,
  single,
  withMixedTypes,
} from './record-groups';

/**
 * The search is given up after this many answers that report bad records without helping to find them. It sends half of
 * the records at once, so each answer costs as much as a body.
 */
const badAnswersMax = 64;
/** The same for a search among groups, which sends one record of each: its writes are small. */
const badGroupAnswersMax = 512;
/** The rest is given up after sending the body this many times without the bad records found so far. */
const roundsMax = 16;

/** What became of the records of a body that was not stored as a whole. */
export interface Isolated {
  readonly rejected: ReadonlyMap<number, RejectCode>;
  /** The records that the server found too old. */
  readonly expired: ReadonlySet<number>;
  readonly typeConflicts: readonly TypeConflict[];
}

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
  readonly #rejected = new Map<number, RejectCode>();
  readonly #expired = new Set<number>();
  readonly #typeConflicts: TypeConflict[] = [];
  /** How many answers of a search reported bad records: among single records, and among groups. */
  readonly #badAnswers = { single: 0, grouped: 0 };
  /** Set once a single new series was refused: there is no room for any other. */
  #isFull = false;
  /** The code of the last answer, if nothing came of the search for its cause. */
  #fruitless: string | undefined;
  /** Set once the records without a field `time` are known to be stored. */
  #isOnlyTimeStripped = false;

  constructor(settings: IsolationSettings) {
    this.#settings = settings;
  }

  /**
   * Runs the search.
   *
   * @param first the answer to the whole body
   */
  async run(first: Decision): Promise<Isolated> {
    const { records, post } = this.#settings;
    let left: readonly number[] = records.all();
    let decision = first;
    for (let round = 1; left.length > 0 && !this.#isDone(decision); round += 1) {
      if (round > roundsMax) this.#rejectAll(left);
      else await this.#findBad(left, decision);
      const before = left.length;
      left = left.filter((n) => !this.#rejected.has(n) && !this.#expired.has(n));
      this.#fruitless = left.length === before && decision.kind !== 'stored' ? decision.code : undefined;
      if (left.length > 0) decision = await post(left);
    }
    return { rejected: this.#rejected, expired: this.#expired, typeConflicts: this.#typeConflicts };
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
        if (!this.#rejectTooLong(numbers)) await this.#halveSingle(numbers, decision);
        return;
      case 'TIME_STRIPPED':
        if (!this.#rejectInvalid(numbers)) await this.#searchWithoutTime(numbers, decision);
        return;
      case 'WRITE_WINDOW':
        // The bad ones are the oldest or the newest.
        if (!this.#rejectInvalid(numbers)) await this.#halveSingle(records.oldest(numbers, numbers.length), decision);
        return;
      default:
        if (!this.#rejectInvalid(numbers)) await this.#halveSingle(numbers, decision);
    }
  }

  #expireOldest(numbers: readonly number[], decision: Decision): void {
    const dropped = decision.kind === 'partly' ? decision.dropped : 0;
    for (const n of this.#settings.records.oldest(numbers, dropped)) this.#expired.add(n);
  }

  #rejectInvalid(numbers: readonly number[]): boolean {
    const before = this.#rejected.size;
    for (const n of numbers) {
      const code = whyInvalid(this.#settings.records.record(n), this.#settings.to.precision);
      if (code !== undefined) this.#rejected.set(n, code);
    }
    return this.#rejected.size > before;
  }

  #rejectTooLong(numbers: readonly number[]): boolean {
    const { records, to } = this.#settings;
    const found = numbers.filter((n) => hasTooLongString(records.text(n), to.precision));
    this.#rejectAll(found, 'TOO_LONG');
    return found.length > 0;
  }

  /** Rejects the records of the one conflict that InfluxDB names, if it refused no others. */
  #rejectNamedConflict(numbers: readonly number[], decision: Decision): boolean {
    const conflict = this.#noteConflict(decision);
    if (conflict === undefined || decision.kind !== 'partly') return false;
    const { records, to } = this.#settings;
    const suspects = numbers.filter((n) => isInConflict(records.text(n), to.precision, conflict));
    // Types are kept by shard: where the counts differ, the same type is right in another shard, or other fields conflict.
    if (suspects.length === 0 || suspects.length !== decision.dropped) return false;
    this.#rejectAll(suspects, 'TYPE_CONFLICT');
    return true;
  }

  #noteConflict(decision: Decision): TypeConflict | undefined {
    if (decision.kind !== 'partly' || decision.code !== 'TYPE_CONFLICT') return undefined;
    const conflict = readTypeConflict(decision.message);
    if (conflict !== undefined) this.#typeConflicts.push(conflict);
    return conflict;
  }

  /**
   * Finds the bad records behind an answer about a field `time`, which InfluxDB 1.12 has left out of a point that it stored.
   * Such an answer hides every other that it would give, so the records without such a field are sent alone.
   */
  async #searchWithoutTime(numbers: readonly number[], decision: Decision): Promise<void> {
    const { records, post } = this.#settings;
    if (!isTimeStripped(decision)) {
      await this.#halveSingle(numbers, decision);
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
      this.#rejectAll(numbers, 'TYPE_CONFLICT');
      return;
    }
    // Then the shards are others than the policy's present shard duration says.
    if (this.#fruitless === 'TYPE_CONFLICT') {
      await this.#halveSingle(records.oldest(numbers, numbers.length), decision);
      return;
    }
    const [agreeing, others] = byFirstType(records, to, byTypes(records, to, numbers));
    if (others.length === 0) {
      await this.#halve(agreeing, inConflict); // Sent at once, they would only bring the same answer.
    } else {
      await this.#try(agreeing, inConflict);
      await this.#try(others, inConflict);
    }
  }

  /**
   * Finds the series for which there is no room. InfluxDB refuses a batch by its lines of new series, so that one record of
   * each may be stored where the whole batch was not.
   */
  async #searchSeries(numbers: readonly number[], decision: Decision): Promise<void> {
    const { records, to } = this.#settings;
    if (this.#fruitless === 'LIMIT') await this.#halveSingle(numbers, decision);
    else await this.#halve(bySeries(records, to, numbers), { code: 'LIMIT', isGrouped: true });
  }

  /**
   * Rejects those records that the server refuses.
   *
   * @param decision the answer to all of them
   */
  async #halveSingle(numbers: readonly number[], decision: Decision): Promise<void> {
    await this.#refused(single(numbers), decision, { code: codeOf(decision), isGrouped: false });
  }

  /** Sends one record of each group. If the server refuses some, finds out which. */
  async #try(groups: readonly RecordGroup[], search: Search): Promise<void> {
    if (groups.length === 0) return;
    const { post } = this.#settings;
    if (this.#badAnswers[search.isGrouped ? 'grouped' : 'single'] >= answersMax(search)) {
      this.#rejectAll(groups.flat());
      return;
    }
    const answer = await post(groups.map(([first = 0]) => first));
    if (!isBad(answer)) return;
    this.#badAnswers[search.isGrouped ? 'grouped' : 'single'] += 1;
    this.#noteConflict(answer);
    await this.#refused(groups, answer, search);
  }

  /** Tries the halves of groups, one after the other. */
  async #halve(groups: readonly RecordGroup[], search: Search): Promise<void> {
    const middle = Math.ceil(groups.length / 2);
    await this.#try(groups.slice(0, middle), search);
    await this.#try(groups.slice(middle), search);
  }

  /** Rejects the groups among these that the server refused, of which one record each was sent. */
  async #refused(groups: readonly RecordGroup[], answer: Decision, search: Search): Promise<void> {
    const code = codeOf(answer);
    if (groups.length > 1 && !this.#isAllBad(groups, answer)) {
      await this.#halve(groups, search);
      return;
    }
    if (groups.length === 1 && code === 'LIMIT') this.#isFull = true;
    for (const group of groups) {
      if (group.length === 1) this.#rejectAll(group, code);
      // What one record of a group did for another reason is not true of the others: the next round finds it.
      else if (code === search.code) await this.#rejectGroup(group, code);
    }
  }

  /** Rejects a group once it is known that its records are alike: shards may be others than their times say. */
  async #rejectGroup(group: RecordGroup, code: RejectCode): Promise<void> {
    if (code === 'TYPE_CONFLICT') {
      const answer = await this.#settings.post(group);
      if (answer.kind !== 'partly' || answer.code !== code || answer.dropped !== group.length) {
        if (isBad(answer)) await this.#halveSingle(group, answer);
        return;
      }
    }
    this.#rejectAll(group, code);
  }

  /** Returns whether all of these are bad. If a batch has too many new series, InfluxDB drops all new ones, even if there is room for some. */
  #isAllBad(groups: readonly RecordGroup[], answer: Decision): boolean {
    if (answer.kind !== 'partly' || answer.dropped !== groups.length) return false;
    return answer.code !== 'LIMIT' || this.#isFull;
  }

  #rejectAll(numbers: readonly number[], code: RejectCode = 'NOT_ISOLATED'): void {
    for (const n of numbers) this.#rejected.set(n, code);
  }
}

/** What a search looks for, and whether it sends one record for a group of them. */
interface Search {
  readonly code: RejectCode;
  readonly isGrouped: boolean;
}

const inConflict: Search = { code: 'TYPE_CONFLICT', isGrouped: true };

function answersMax({ isGrouped }: Search): number {
  return isGrouped ? badGroupAnswersMax : badAnswersMax;
}

/** Returns whether InfluxDB refused a record for another reason than its age, which the last round counts. */
function isBad(answer: Decision): boolean {
  return answer.kind !== 'stored' && answer.code !== 'EXPIRED' && !isTimeStripped(answer);
}

/** Returns whether InfluxDB 1.12 stored all, and only left a field `time` out. */
function isTimeStripped(decision: Decision): boolean {
  return decision.kind === 'partly' && decision.code === 'TIME_STRIPPED' && decision.dropped === 0;
}

function codeOf(decision: Decision): RejectCode {
  if (decision.kind === 'stored' || decision.code === 'INVALID' || decision.code === 'TIME_STRIPPED')
    return 'UNPARSEABLE';
  return decision.code === 'MIXED_TYPES' ? 'TYPE_CONFLICT' : decision.code;
}
