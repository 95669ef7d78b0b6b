import type { RejectCode } from '../../account/rejects';
import type { Decision } from '../poster';
import type { Findings } from './findings';
import { type RecordGroup, single } from './record-groups';

/**
 * Finds the records that the server refuses, by halves: those of a body, or of groups of records that fare alike.
 *
 * Each refused group costs at most two requests for each halving down to it. No record is rejected that was not refused alone or with
 * others that were all refused.
 */
export class GroupSearch {
  readonly #post: (numbers: readonly number[]) => Promise<Decision>;
  readonly #found: Findings;
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
    await this.#refused(single(numbers), decision, codeOf(decision));
  }

  /** Tries the halves of groups, one after the other: sends one record of each group, to find those that are refused for this reason. */
  async halve(groups: readonly RecordGroup[], code: RejectCode): Promise<void> {
    const middle = Math.ceil(groups.length / 2);
    await this.#try(groups.slice(0, middle), code);
    await this.#try(groups.slice(middle), code);
  }

  async #try(groups: readonly RecordGroup[], code: RejectCode): Promise<void> {
    if (groups.length === 0) return;
    const answer = await this.#post(groups.map(([first = 0]) => first));
    if (!isBad(answer)) return;
    this.#found.noteConflict(answer);
    await this.#refused(groups, answer, code);
  }

  /** Rejects the groups among these that the server refused, of which one record each was sent. */
  async #refused(groups: readonly RecordGroup[], answer: Decision, sought: RejectCode): Promise<void> {
    const code = codeOf(answer);
    if (groups.length > 1 && !this.#isAllBad(groups, answer)) {
      await this.halve(groups, sought);
      return;
    }
    if (groups.length === 1 && code === 'LIMIT') this.#isFull = true;
    for (const group of groups) {
      // What one record of a group did for another reason is not true of the others: the next round finds it.
      if (group.length === 1 || code === sought) this.#found.reject(group, code);
    }
  }

  /** Returns whether all of these are bad. If a batch has too many new series, InfluxDB drops all new ones, even if there is room for some. */
  #isAllBad(groups: readonly RecordGroup[], answer: Decision): boolean {
    if (answer.kind !== 'partly' || answer.dropped !== groups.length) return false;
    return answer.code !== 'LIMIT' || this.#isFull;
  }
}

/** Returns whether InfluxDB refused a record for another reason than its age, which the last round counts. */
export function isBad(answer: Decision): boolean {
  return answer.kind !== 'stored' && answer.code !== 'EXPIRED' && !isTimeStripped(answer);
}

/** Returns whether InfluxDB 1.12 stored all, and only left a field `time` out. */
export function isTimeStripped(decision: Decision): boolean {
  return decision.kind === 'partly' && decision.code === 'TIME_STRIPPED' && decision.dropped === 0;
}

/** Returns the code under which a record is rejected that got this answer alone. */
export function codeOf(decision: Decision): RejectCode {
  if (decision.kind === 'stored' || decision.code === 'INVALID' || decision.code === 'TIME_STRIPPED')
    return 'UNPARSEABLE';
  return decision.code === 'MIXED_TYPES' ? 'TYPE_CONFLICT' : decision.code;
}
