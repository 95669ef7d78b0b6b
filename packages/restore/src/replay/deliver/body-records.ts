import { scanLines } from '@ceres/lineproto';
import type { Body, BodyPart, WriteAddress } from '../route/body';
import { shardOf } from '../route/shards';

/** The records of one body by number, from 0. They are looked up only if something is wrong with one of them. */
export class BodyRecords {
  readonly #bytes: Buffer;
  /** The start and end (before the LF) of one record after the other. */
  readonly #offsets: number[] = [];
  readonly #timestamps: bigint[] = [];

  constructor({ bytes }: Body) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { start, end, timestamp } of scanLines(bytes)) {
      this.#offsets.push(start, end);
      this.#timestamps.push(timestamp ?? 0n);
    }
  }

  get length(): number {
    return this.#timestamps.length;
  }

  all(): number[] {
    return [...this.#timestamps.keys()];
  }

  /** Returns where the record's line starts: blanks before a record belong to it. */
  startOf(n: number): number {
    return n === 0 ? 0 : (this.#offsets[2 * n - 1] ?? 0) + 1;
  }

  record(n: number): Buffer {
    return this.#bytes.subarray(this.#offsets[2 * n], this.#offsets[2 * n + 1]);
  }

  text(n: number): string {
    return this.record(n).toString('utf8');
  }

  /** Returns these records in this order, each with the blanks before it, and ending in LF. */
  join(numbers: readonly number[]): Buffer {
    const lineFeed = Buffer.from('\n');
    const line = (n: number) => this.#bytes.subarray(this.startOf(n), this.#offsets[2 * n + 1]);
    return Buffer.concat(numbers.flatMap((n) => [line(n), lineFeed]));
  }

  /** Returns the `count` oldest of `numbers`. */
  oldest(numbers: readonly number[], count: number): number[] {
    const time = (n: number) => this.#timestamps[n] ?? 0n;
    return [...numbers].sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0)).slice(0, count);
  }

  /** Returns whether records fall into more than one shard, judged by the policy's present shard duration. */
  spanShards(to: WriteAddress, numbers: readonly number[]): boolean {
    const first = this.shardOf(numbers[0] ?? 0, to);
    return numbers.some((n) => this.shardOf(n, to) !== first);
  }

  /** Returns which shard a record falls into, judged by the policy's present shard duration: equal numbers are one shard. */
  shardOf(n: number, to: WriteAddress): number {
    return shardOf(this.#timestamps[n] ?? 0n, to);
  }
}

/** Splits a body of at least two records into two, in the same order. */
export function halves(body: Body): readonly [Body, Body] {
  const records = new BodyRecords(body);
  const middle = Math.ceil(records.length / 2);
  const middleBytes = records.startOf(middle);
  const first: BodyPart[] = [];
  const second: BodyPart[] = [];
  let n = 0;
  for (const { file, endBytes, records: count } of body.parts) {
    const before = Math.min(count, Math.max(0, middle - n));
    if (before > 0) first.push({ file, endBytes: Math.min(endBytes, middleBytes), records: before });
    if (before < count) second.push({ file, endBytes: endBytes - middleBytes, records: count - before });
    n += count;
  }
  const { to, bytes } = body;
  return [
    { to, bytes: bytes.subarray(0, middleBytes), records: middle, parts: first },
    { to, bytes: bytes.subarray(middleBytes), records: records.length - middle, parts: second },
  ];
}
