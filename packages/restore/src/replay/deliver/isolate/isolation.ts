import type { WriteAddress } from '../../route/body';
import { whyInvalid } from '../../route/record-filter';
import type { BodyRecords } from '../body-records';
import type { Decision } from '../poster';
import { Findings } from './findings';
import { codeOf, GroupSearch, isBad, isTimeStripped } from './group-search';
import { bySeries, byShard, hasTooLongString, isInConflict, mayHaveTimeField } from './record-groups';
import { TypeSearch } from './type-search';

/** Once this many rounds in a row have found nothing, each record is sent alone. */
const FRUITLESS_ROUNDS_MAX = 3;

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
 * a search finds. Only records are rejected that the server refuses without the others, and the number of requests grows with that of
 * these records, not with that of the body.
 */
export class Isolation {
  readonly #settings: IsolationSettings;
  readonly #found = new Findings();
  readonly #search: GroupSearch;
  readonly #types: TypeSearch;
  #fruitlessRounds = 0;
  /** Set once an answer's own words have been tried, which name one conflict of one shard. */
  #isNameTried = false;
  /** Set once the records without a field `time` are known to be stored. */
  #isOnlyTimeStripped = false;

  constructor(settings: IsolationSettings) {
    const { records, post } = settings;
    this.#settings = settings;
    this.#search = new GroupSearch(post, this.#found);
    this.#types = new TypeSearch({ records, post, found: this.#found, search: this.#search });
  }

  /**
   * Runs the search.
   *
   * @param first the answer to the whole body; `undefined` if it was not sent, because it gives one field several types
   */
  async run(first: Decision | undefined): Promise<Findings> {
    const { records, post } = this.#settings;
    let left: readonly number[] = records.all();
    let decision = first ?? (await this.#sendSeparated(left));
    left = left.filter((n) => !this.#found.has(n));
    while (left.length > 0 && !this.#isDone(decision)) {
      await this.#findBad(left, decision);
      const before = left.length;
      left = left.filter((n) => !this.#found.has(n));
      this.#fruitlessRounds = left.length === before ? this.#fruitlessRounds + 1 : 0;
      if (this.#fruitlessRounds > FRUITLESS_ROUNDS_MAX) {
        await this.#sendEach(left);
        break;
      }
      if (left.length > 0) decision = await post(left);
    }
    return this.#found;
  }

  #isDone(decision: Decision): boolean {
    return decision.kind === 'stored' || (this.#isOnlyTimeStripped && isTimeStripped(decision));
  }

  /** Sends what is left once no new field has several types. */
  async #sendSeparated(numbers: readonly number[]): Promise<Decision> {
    const { to, post } = this.#settings;
    const unknown = () => numbers.filter((n) => !this.#found.has(n));
    this.#rejectInvalid(numbers);
    await this.#types.separate(unknown(), to);
    return unknown().length === 0 ? { kind: 'stored' } : await post(unknown());
  }

  async #findBad(numbers: readonly number[], decision: Decision): Promise<void> {
    if (decision.kind === 'stored') return;
    const { records, to } = this.#settings;
    switch (decision.code) {
      case 'MIXED_TYPES':
        // InfluxDB 1.6 to 1.11 store nothing, and take one or two of the fields into the shard each time: sent again and
        // again, ten thousand lines would be refused once for each field.
        if (!this.#rejectInvalid(numbers)) await this.#types.run(numbers, to);
        return; // sent again, the others are stored
      case 'EXPIRED':
        // It hides records that do not parse, and those would seem to be among the oldest.
        if (!this.#rejectInvalid(numbers)) this.#expireOldest(numbers, decision);
        return;
      case 'TYPE_CONFLICT':
        if (this.#rejectInvalid(numbers) || (await this.#rejectNamedConflict(numbers, decision))) return;
        await this.#types.run(numbers, to);
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

  /** Rejects the records of the one conflict that InfluxDB names, if they are of one shard and it refuses them without the others. */
  async #rejectNamedConflict(numbers: readonly number[], decision: Decision): Promise<boolean> {
    if (this.#isNameTried || decision.kind !== 'partly') return false;
    this.#isNameTried = true;
    const { records, to, post } = this.#settings;
    const isAll = decision.dropped === numbers.length;
    const conflict = this.#found.noteConflict(decision);
    const suspects = isAll
      ? numbers
      : numbers.filter((n) => conflict && isInConflict(records.text(n), to.precision, conflict));
    if (suspects.length === 0 || suspects.length !== decision.dropped) return false;
    if (!isAll) {
      if (byShard(records, to, suspects).length > 1) return false;
      const again = await post(suspects);
      if (codeOf(again) !== 'TYPE_CONFLICT' || again.kind !== 'partly' || again.dropped !== suspects.length)
        return false;
    }
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

  /**
   * Finds the series for which there is no room. InfluxDB refuses a batch by its lines of new series, so that one record of
   * each may be stored where the whole batch was not.
   */
  async #searchSeries(numbers: readonly number[], decision: Decision): Promise<void> {
    const { records, to } = this.#settings;
    if (this.#fruitlessRounds > 0) await this.#search.halveSingle(numbers, decision);
    else await this.#search.halve(bySeries(records, to, numbers), 'LIMIT');
  }

  /** Sends each record alone, in the order of the body: no answer leaves open whom it is about. */
  async #sendEach(numbers: readonly number[]): Promise<void> {
    for (const n of numbers) {
      const answer = await this.#settings.post([n]);
      if (isBad(answer)) this.#found.reject([n], codeOf(answer));
      else if (codeOf(answer) === 'EXPIRED') this.#found.expire([n]);
    }
  }
}
