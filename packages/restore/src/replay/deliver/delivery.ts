import type { RefusedCode } from '@ceres/influx-http';
import type { TypeConflict } from '@ceres/influx-http/internal';
import { serverFault } from '../../server/faults';
import type { RejectCode } from '../account/rejects';
import type { Body } from '../route/body';
import { whyInvalid } from '../route/record-filter';
import { BodyRecords, halves } from './body-records';
import { Isolation } from './isolate/isolation';
import type { Decision, Poster } from './poster';
import { MixedTypes } from './types/mixed-types';

/** A slow write with fewer records than this is not slow because of its size. */
const splitRecordsMin = 50;
/** A larger limit is no limit: the largest bodies have about this size. */
const recordsEnough = 10_000;
/** This many fast writes in a row are needed before larger ones are tried again. */
const fastInARow = 16;

/** Delivers bodies, so that each record ends as stored, expired or rejected. */
export class Delivery {
  readonly #poster: Poster;
  readonly #url: string;
  /** The largest write that the server finishes in time, for all lanes. */
  #recordsMax = Infinity;
  #fast = 0;
  readonly #mixedTypes = new MixedTypes();

  constructor(poster: Poster, url: string) {
    this.#poster = poster;
    this.#url = url;
  }

  /**
   * Delivers one body: resolves once each of its records is settled, with the number of those that were stored.
   *
   * @throws RestoreError `SERVER_UNREACHABLE`, `SERVER_DENIED`, `TOO_MANY_REJECTS` or `REJECTS_UNWRITABLE`; the signal's reason
   */
  async deliver(body: Body): Promise<number> {
    if (body.records > this.#recordsMax) return await this.#deliverHalves(body);
    const { bytes, records, to } = body;
    if (this.#mixedTypes.isIn(bytes, to.precision)) return await this.#deliverRefused(body, undefined);
    const isSmall = records < 2 * splitRecordsMin;
    const decision = await (isSmall ? this.#poster.post(bytes, records, to) : this.#poster.tryPost(bytes, records, to));
    if (decision.kind === 'too-slow') {
      this.#recordsMax = Math.max(splitRecordsMin, Math.ceil(records / 2));
      this.#fast = 0;
      return await this.#deliverHalves(body);
    }
    this.#noteFast();
    if (decision.kind !== 'stored') return await this.#deliverRefused(body, decision);
    for (const part of body.parts) part.file.stored(part.records);
    return records;
  }

  /** @param decision the answer to the body; `undefined` if it was not sent, because the server would take types from records that it refuses */
  async #deliverRefused(body: Body, decision: Decision | undefined): Promise<number> {
    if (decision?.kind === 'refused') {
      this.#refuseHopeless(body, decision.code);
      if (decision.code === 'TOO_LARGE' && body.records > 1) return await this.#deliverHalves(body);
    }
    const records = new BodyRecords(body);
    const { to } = body;
    const post = async (numbers: readonly number[]) => {
      const answer = await this.#poster.post(records.join(numbers), numbers.length, to);
      if (answer.kind === 'refused') this.#refuseHopeless(body, answer.code);
      if (records.spanShards(to, numbers)) await this.#settleOthers(answer);
      return answer;
    };
    if (decision !== undefined && records.spanShards(to, records.all())) await this.#settleOthers(decision);
    const isolated = await new Isolation({ records, to, post }).run(decision);
    let n = 0;
    let stored = 0;
    for (const { file, records: count } of body.parts) {
      const end = n + count;
      for (; n < end; n += 1) {
        const code = isolated.rejected.get(n);
        if (code !== undefined) file.rejected(reasonFor(code, records.record(n), body), records.record(n));
        else if (isolated.expired.has(n)) file.expired(1);
        else {
          file.stored(1);
          stored += 1;
        }
      }
      for (const conflict of isolated.typeConflicts) file.typeConflict(nameOf(conflict, body));
      await file.rejects.spill();
    }
    return stored;
  }

  /** Waits for the other shards of a write: InfluxDB answers for the first that fails, while others may still apply their part. */
  async #settleOthers(decision: Decision): Promise<void> {
    if (decision.kind !== 'stored' && decision.ambiguous === true) await this.#poster.settle();
  }

  async #deliverHalves(body: Body): Promise<number> {
    const [first, second] = halves(body);
    return (await this.deliver(first)) + (await this.deliver(second));
  }

  /** Throws for an answer that every part of the body would get as well. */
  #refuseHopeless({ to }: Body, code: RefusedCode): void {
    const where = `'${to.retentionPolicy}' of '${to.database}'`;
    if (code === 'UNAUTHORIZED') throw serverFault('SERVER_DENIED', this.#url, `the user may not write to ${where}`);
    if (code === 'NO_DATABASE' || code === 'NO_POLICY') {
      throw serverFault('SERVER_UNREACHABLE', this.#url, `policy ${where} was there and is gone: was it dropped?`);
    }
  }

  #noteFast(): void {
    if (this.#recordsMax === Infinity) return;
    this.#fast += 1;
    if (this.#fast < fastInARow) return;
    this.#fast = 0;
    this.#recordsMax = this.#recordsMax > recordsEnough ? Infinity : this.#recordsMax * 2;
  }
}

/** Returns the reason in the words of line protocol where a search for another fault only found that a record does not parse. */
function reasonFor(code: RejectCode, record: Uint8Array, { to }: Body): RejectCode {
  return code === 'UNPARSEABLE' ? (whyInvalid(record, to.precision) ?? code) : code;
}

function nameOf({ measurement, field, given, existing }: TypeConflict, { to }: Body): string {
  const name = [to.database, to.retentionPolicy, measurement, field].join('.');
  return `${name}: the backup has ${given}, the shard ${existing}`;
}
