import type { Precision } from '@ceres/internal';
import { asBuffer } from '../bytes';
import { GIVEN_TWICE } from '../record/cut-fields';
import type { Fault } from '../record/fault';
import { RecordLayout } from '../record/record-layout';
import { compareTagKeys } from '../record/series/series-key';
import { checkTimestampRange, readTimestamp, scanTimestamp } from '../record/timestamp';
import { BoundsFinder, examine, type LineRecord } from './scan-lines';

/**
 * Reads records one by one by the exact rules, with the offsets of all their parts. It is for the records that a quicker way leaves
 * over: it reads each from a given place on, and never goes back.
 */
export class ExactRecords implements LineRecord {
  /** The parts of the record, if it has no fault. */
  readonly layout: RecordLayout = new RecordLayout();
  start = 0;
  end = 0;
  /** Says why InfluxDB would refuse the record. */
  fault: Fault | undefined;
  timestamp: bigint | undefined;
  readonly #buffer: Buffer;
  readonly #bounds: BoundsFinder;
  readonly #precision: Precision;

  /** @param bytes whole records; the last LF is optional */
  constructor(bytes: Uint8Array, precision: Precision) {
    this.#buffer = asBuffer(bytes);
    this.#bounds = new BoundsFinder(this.#buffer);
    this.#precision = precision;
  }

  get seriesEnd(): number {
    return this.layout.seriesEnd;
  }

  get fieldsEnd(): number {
    return Math.max(this.layout.seriesEnd, this.layout.fieldsEnd);
  }

  /** Reads the record that begins at `from` or behind it; returns `false` if there is none. */
  readFrom(from: number): boolean {
    const bounds = this.#bounds;
    if (!bounds.find(from)) return false;
    this.start = bounds.start;
    this.end = bounds.end;
    const fault = examine(this.#buffer, bounds, this.layout);
    this.timestamp = fault ? undefined : readTimestamp(this.#buffer, this.layout);
    this.fault = fault ?? checkTimestampRange(this.#buffer, this.layout, this.#precision);
    return true;
  }

  /** Says whether the record has no other fault than to give a field twice, with different types: InfluxDB refuses it late, with all others of its batch. */
  get givesFieldTwice(): boolean {
    if (this.fault?.reason !== GIVEN_TWICE) return false;
    const timeFault = scanTimestamp(this.#buffer, this.layout.fieldsEnd, this.end, this.layout);
    return (timeFault ?? checkTimestampRange(this.#buffer, this.layout, this.#precision)) === undefined;
  }

  /** Returns the series key as InfluxDB stores it: as it is written, with its tags in order. */
  storedSeriesKey(): Uint8Array {
    const { tags, measurementEnd, seriesEnd } = this.layout;
    const order = Array.from({ length: tags.length / 3 }, (_, i) => 3 * i);
    order.sort((a, b) => compareTagKeys(this.#buffer, tags, a, b));
    if (order.every((tag, i) => tag === 3 * i)) return this.#buffer.subarray(this.start, seriesEnd);
    const comma = Buffer.from(',');
    const parts = order.flatMap((i) => [comma, this.#buffer.subarray(tags[i], tags[i + 2])]);
    return Buffer.concat([this.#buffer.subarray(this.start, measurementEnd), ...parts]);
  }
}
