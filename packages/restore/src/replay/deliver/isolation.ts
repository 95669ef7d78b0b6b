import { readTypeConflict, type TypeConflict } from '@ceres/influx-http/internal';
import type { RejectCode } from '../account/rejects';
import type { WriteDestination } from '../route/body';
import { whyInvalid } from '../route/record-filter';
import type { BodyRecords } from './body-records';
import type { Decision } from './poster';
import { isInConflict } from './type-conflict';

/** Answers that tell of bad records and were no help in finding them, until the search is given up. */
const badAnswersMax = 64;
/** Whole bodies that are sent again without what was found, until the rest is given up. */
const roundsMax = 16;

/** What became of the records of a body that was not stored as a whole. */
export interface Isolated {
  readonly rejected: ReadonlyMap<number, RejectCode>;
  /** The server found them too old. */
  readonly expired: ReadonlySet<number>;
  readonly typeConflicts: readonly TypeConflict[];
}

export interface IsolationSettings {
  readonly records: BodyRecords;
  readonly to: WriteDestination;
  /** Sends records in this order. */
  readonly post: (numbers: readonly number[]) => Promise<Decision>;
}

/**
 * Finds the records that a server refuses, until all the others are known to be stored.
 *
 * Each round takes out the bad ones (all those that the line protocol or InfluxDB's message tells, else those that
 * halving finds) and sends the rest again, in the order of the body, so that the last write of a point stays the last.
 * The number of requests is bounded; records among which the bad ones were not found in time are all rejected, though the server
 * may hold some of them: nothing is lost either way.
 */
export class Isolation {
  readonly #settings: IsolationSettings;
  readonly #rejected = new Map<number, RejectCode>();
  readonly #expired = new Set<number>();
  readonly #typeConflicts: TypeConflict[] = [];
  #badAnswers = 0;
  /** A single new series was refused: no other has a place. */
  #isFull = false;

  constructor(settings: IsolationSettings) {
    this.#settings = settings;
  }

  /** @param first the answer to the whole body */
  async run(first: Decision): Promise<Isolated> {
    const { records, post } = this.#settings;
    let left: readonly number[] = records.all();
    let decision = first;
    for (let round = 1; left.length > 0 && decision.kind !== 'stored'; round += 1) {
      if (round > roundsMax) this.#rejectAll(left);
      else await this.#findBad(left, decision);
      left = left.filter((n) => !this.#rejected.has(n) && !this.#expired.has(n));
      if (left.length > 0) decision = await post(left);
    }
    return { rejected: this.#rejected, expired: this.#expired, typeConflicts: this.#typeConflicts };
  }

  async #findBad(numbers: readonly number[], decision: Decision): Promise<void> {
    if (decision.kind === 'stored') return;
    switch (decision.code) {
      case 'MIXED_TYPES':
        return; // of a field new to the shard: sent again, only the bad ones are refused
      case 'EXPIRED':
        // It hides records that do not parse, and those would seem to be among the oldest.
        if (!this.#rejectInvalid(numbers)) this.#expireOldest(numbers, decision);
        return;
      case 'TYPE_CONFLICT':
        if (!(await this.#rejectInConflict(numbers, decision))) await this.#halve(numbers, decision);
        return;
      default:
        if (!this.#rejectInvalid(numbers)) await this.#halve(numbers, decision);
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

  async #rejectInConflict(numbers: readonly number[], decision: Decision): Promise<boolean> {
    if (decision.kind !== 'partly' || decision.code !== 'TYPE_CONFLICT') return false;
    const conflict = readTypeConflict(decision.message);
    if (conflict === undefined) return false;
    this.#typeConflicts.push(conflict);
    const { records, to } = this.#settings;
    const suspects = numbers.filter((n) => isInConflict(records.text(n), to.precision, conflict));
    if (suspects.length === 0) return false;
    // Types are kept by shard: where the counts differ, the same type is right in another shard.
    if (suspects.length === decision.dropped) this.#rejectAll(suspects, 'TYPE_CONFLICT');
    else await this.#halve(records.oldest(suspects, suspects.length), decision);
    return true;
  }

  /** Rejects what the server refuses of these, by sending ever smaller parts. */
  async #halve(numbers: readonly number[], decision: Decision): Promise<void> {
    if (numbers.length === 1 || this.#isAllBad(numbers, decision)) {
      this.#isFull ||= decision.kind === 'partly' && decision.code === 'LIMIT';
      this.#rejectAll(numbers, codeOf(decision));
      return;
    }
    const middle = Math.ceil(numbers.length / 2);
    for (const half of [numbers.slice(0, middle), numbers.slice(middle)]) {
      if (this.#badAnswers >= badAnswersMax) {
        this.#rejectAll(half);
        continue;
      }
      const answer = await this.#settings.post(half);
      if (answer.kind === 'stored' || (answer.kind === 'partly' && answer.code === 'EXPIRED')) continue;
      this.#badAnswers += 1;
      await this.#halve(half, answer);
    }
  }

  /** Of a batch with too many new series InfluxDB drops all the new ones, though some might have had a place. */
  #isAllBad(numbers: readonly number[], decision: Decision): boolean {
    if (decision.kind !== 'partly' || decision.dropped !== numbers.length) return false;
    return decision.code !== 'LIMIT' || this.#isFull;
  }

  #rejectAll(numbers: readonly number[], code: RejectCode = 'NOT_ISOLATED'): void {
    for (const n of numbers) this.#rejected.set(n, code);
  }
}

function codeOf(decision: Decision): RejectCode {
  if (decision.kind === 'stored' || decision.code === 'INVALID') return 'UNPARSEABLE';
  return decision.code === 'MIXED_TYPES' ? 'TYPE_CONFLICT' : decision.code;
}
