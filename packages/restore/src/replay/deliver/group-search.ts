import type { RejectCode } from '../account/rejects';
import type { Findings } from './findings';
import type { Decision } from './poster';
import { type RecordGroup, single } from './record-groups';

/**
 * The search is given up after this many answers that report bad records without helping to find them. It sends half of
 * the records at once, so each answer costs as much as a body.
 */
const badAnswersMax = 64;
/** The same for a search among groups, which sends one record of each: its writes are small. */
const badGroupAnswersMax = 512;

/** What a search looks for, and whether it sends one record for a group of them. */
export interface Search {
  readonly code: RejectCode;
  readonly isGrouped: boolean;
}

/**
 * Finds the records that the server refuses, by halves: those of a body, or of groups of records that fare alike.
 *
 * The number of requests is bounded. If the bad records among some are not found in time, all of those are rejected.
 */
export class GroupSearch {
  readonly #post: (numbers: readonly number[]) => Promise<Decision>;
  readonly #found: Findings;
  /** How many answers of a search reported bad records: among single records, and among groups. */
  readonly #badAnswers = { single: 0, grouped: 0 };
  /** Set once a single new series was refused: there is no room for any other. */
  #isFull = false;

  /**
   * @param post sends records, in this order
   * @param found takes the records that are refused
   */
  constructor(post: (numbers: readonly number[]) => Promise<Decision>, found: Findings) {
    this.#post = post;
    this.#found = found;
  }

  /**
   * Rejects those records that the server refuses.
   *
   * @param decision the answer to all of them
   */
  async halveSingle(numbers: readonly number[], decision: Decision): Promise<void> {
    await this.#refused(single(numbers), decision, { code: codeOf(decision), isGrouped: false });
  }

  /** Sends one record of each group. If the server refuses some, finds out which. */
  async try(groups: readonly RecordGroup[], search: Search): Promise<void> {
    if (groups.length === 0) return;
    if (this.#badAnswers[search.isGrouped ? 'grouped' : 'single'] >= answersMax(search)) {
      this.#found.reject(groups.flat());
      return;
    }
    const answer = await this.#post(groups.map(([first = 0]) => first));
    if (!isBad(answer)) return;
    this.#badAnswers[search.isGrouped ? 'grouped' : 'single'] += 1;
    this.#found.noteConflict(answer);
    await this.#refused(groups, answer, search);
  }

  /** Tries the halves of groups, one after the other. */
  async halve(groups: readonly RecordGroup[], search: Search): Promise<void> {
    const middle = Math.ceil(groups.length / 2);
    await this.try(groups.slice(0, middle), search);
    await this.try(groups.slice(middle), search);
  }

  /** Rejects the groups among these that the server refused, of which one record each was sent. */
  async #refused(groups: readonly RecordGroup[], answer: Decision, search: Search): Promise<void> {
    const code = codeOf(answer);
    if (groups.length > 1 && !this.#isAllBad(groups, answer)) {
      await this.halve(groups, search);
      return;
    }
    if (groups.length === 1 && code === 'LIMIT') this.#isFull = true;
    for (const group of groups) {
      if (group.length === 1) this.#found.reject(group, code);
      // What one record of a group did for another reason is not true of the others: the next round finds it.
      else if (code === search.code) await this.#rejectGroup(group, code);
    }
  }

  /** Rejects a group once it is known that its records are alike: shards may be others than their times say. */
  async #rejectGroup(group: RecordGroup, code: RejectCode): Promise<void> {
    if (code === 'TYPE_CONFLICT') {
      const answer = await this.#post(group);
      if (answer.kind !== 'partly' || answer.code !== code || answer.dropped !== group.length) {
        if (isBad(answer)) await this.halveSingle(group, answer);
        return;
      }
    }
    this.#found.reject(group, code);
  }

  /** Returns whether all of these are bad. If a batch has too many new series, InfluxDB drops all new ones, even if there is room for some. */
  #isAllBad(groups: readonly RecordGroup[], answer: Decision): boolean {
    if (answer.kind !== 'partly' || answer.dropped !== groups.length) return false;
    return answer.code !== 'LIMIT' || this.#isFull;
  }
}

function answersMax({ isGrouped }: Search): number {
  return isGrouped ? badGroupAnswersMax : badAnswersMax;
}

/** Returns whether InfluxDB refused a record for another reason than its age, which the last round counts. */
function isBad(answer: Decision): boolean {
  return answer.kind !== 'stored' && answer.code !== 'EXPIRED' && !isTimeStripped(answer);
}

/** Returns whether InfluxDB 1.12 stored all, and only left a field `time` out. */
export function isTimeStripped(decision: Decision): boolean {
  return decision.kind === 'partly' && decision.code === 'TIME_STRIPPED' && decision.dropped === 0;
}

function codeOf(decision: Decision): RejectCode {
  if (decision.kind === 'stored' || decision.code === 'INVALID' || decision.code === 'TIME_STRIPPED')
    return 'UNPARSEABLE';
  return decision.code === 'MIXED_TYPES' ? 'TYPE_CONFLICT' : decision.code;
}
