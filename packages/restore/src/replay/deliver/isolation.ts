import { readTypeConflict, type TypeConflict } from '@ceres/influx-http/internal';
import { type ParsedPoint, type Precision, parseLine } from '@ceres/lineproto';
import type { RejectCode } from '../account/rejects';
import type { WriteAddress } from '../route/body';
import { whyInvalid } from '../route/record-filter';
import type { BodyRecords } from './body-records';
import type { Decision } from './poster';

/** The search is given up after this many answers that report bad records without helping to find them. */
const badAnswersMax = 64;
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
  #badAnswers = 0;
  /** Set once a single new series was refused: there is no room for any other. */
  #isFull = false;

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

  /** Rejects the records among these that the server refuses, by sending smaller and smaller parts. */
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

  /** Returns whether all of these are bad. If a batch has too many new series, InfluxDB drops all new ones, even if there is room for some. */
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

/** Returns whether a record gives the field the type that was refused. */
function isInConflict(record: string, precision: Precision, conflict: TypeConflict): boolean {
  let point: ParsedPoint;
  try {
    point = parseLine(record, { precision });
  } catch {
    return false; // not parseable: refused for another reason
  }
  const value = point.measurement === conflict.measurement ? point.fields[conflict.field] : undefined;
  return value !== undefined && typeOf(value) === conflict.given;
}

function typeOf(value: number | bigint | boolean | string): string {
  if (typeof value === 'number') return 'float';
  return typeof value === 'bigint' ? 'integer' : typeof value;
}
