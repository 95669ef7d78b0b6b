import { isUtf8 } from 'node:buffer';
import {
  type FileHeader,
  type LineProtocolErrorCode,
  type LineRecord,
  nanosecondsPer,
  type Precision,
  validateLines,
} from '@ceres/lineproto';
import { KEY_BYTES_MAX, measurementFilter, skipBlanks } from '@ceres/lineproto/internal';
import type { ResolvedSelection } from '../../options/selection';
import type { FileInFlight } from '../account/file-in-flight';

/** The longest string that InfluxDB takes in a line from 1.9 on (`tsdb/field_validator.go`). In shards that it loads, it takes longer ones. */
export const STRING_BYTES_MAX = 1_048_576;

/** Takes the selected records that are not sent. */
export type UnsentRecords = Pick<FileInFlight, 'rejectUnsent' | 'expireUnsent'>;

/** What decides which records of a file are sent: data, which can go to another thread. */
export interface RecordFilterSettings {
  readonly header: Pick<FileHeader, 'summary'>;
  readonly precision: Precision;
  readonly selection: Pick<ResolvedSelection, 'from' | 'until' | 'measurements'>;
  /** Points before this time have expired on the server, ns; `undefined` if points never expire. */
  readonly keptFrom: bigint | undefined;
}

/** What the time of a record is held against: it is selected if it lies in [from, until), and not expired from `keptFrom` on. */
export interface TimeBounds {
  readonly from: bigint | undefined;
  readonly until: bigint | undefined;
  readonly keptFrom: bigint | undefined;
}

/** Decides which records of one file are sent. */
export class RecordFilter {
  readonly settings: RecordFilterSettings;
  /** The bounds in the file's precision; `undefined` if no record of the file can lie outside. */
  readonly #from: bigint | undefined;
  readonly #until: bigint | undefined;
  readonly #keptFrom: bigint | undefined;
  readonly #precision: Precision;
  readonly #isMeasurementSelected: ((bytes: Buffer, record: LineRecord) => boolean) | undefined;
  /** The bytes that were looked at last, and whether they are UTF-8: nearly all are, and one look at many records is cheap. */
  #looked: Buffer | undefined;
  #isUtf8 = true;

  constructor(settings: RecordFilterSettings) {
    const { header, precision, selection, keptFrom } = settings;
    this.settings = settings;
    const unit = nanosecondsPer[precision];
    this.#precision = precision;
    const first = header.summary?.firstTimestamp;
    const last = header.summary?.lastTimestamp;
    const lowerBound = (ns: bigint | undefined) => {
      const bound = ns === undefined ? undefined : ceilDivide(ns, unit);
      return bound !== undefined && first !== undefined && first >= bound ? undefined : bound;
    };
    this.#from = lowerBound(selection.from);
    this.#keptFrom = lowerBound(keptFrom);
    const until = selection.until === undefined ? undefined : ceilDivide(selection.until, unit);
    this.#until = until !== undefined && last !== undefined && last < until ? undefined : until;
    this.#isMeasurementSelected = selection.measurements && measurementFilter(selection.measurements);
  }

  /** The times that decide about a record, in the precision of the file; all `undefined` if no record of the file lies outside. */
  get bounds(): TimeBounds {
    return { from: this.#from, until: this.#until, keptFrom: this.#keptFrom };
  }

  /** Returns whether the measurement of a record is selected. */
  selects(bytes: Buffer, record: LineRecord): boolean {
    return this.#isMeasurementSelected === undefined || this.#isMeasurementSelected(bytes, record);
  }

  /** Returns whether to send a record. If a selected record is not sent, the file counts why. */
  admits(file: UnsentRecords, bytes: Buffer, record: LineRecord): boolean {
    if (!this.selects(bytes, record)) return false;
    if (this.#isBroken(file, bytes, record) || this.#hasTooLongKey(file, bytes, record)) return false;
    if (lacksTimestamp(bytes, record)) {
      const line = bytes.subarray(record.start, record.end);
      file.rejectUnsent(whyInvalid(line, this.#precision) ?? 'NO_TIMESTAMP', line);
      return false;
    }
    if (this.#from === undefined && this.#until === undefined && this.#keptFrom === undefined) return true;
    const { timestamp } = record;
    if (timestamp === undefined) return true; // the server reports what is wrong with it
    if (this.#from !== undefined && timestamp < this.#from) return false;
    if (this.#until !== undefined && timestamp >= this.#until) return false;
    if (this.#keptFrom !== undefined && timestamp < this.#keptFrom) {
      file.expireUnsent();
      return false;
    }
    return true;
  }

  /** Keeps back a name that is not UTF-8, after which InfluxDB cannot open its shard again. */
  #isBroken(file: UnsentRecords, bytes: Buffer, { start, end }: LineRecord): boolean {
    if (bytes !== this.#looked) {
      this.#looked = bytes;
      this.#isUtf8 = isUtf8(bytes);
    }
    if (this.#isUtf8) return false;
    const line = bytes.subarray(start, end);
    if (isUtf8(line) || whyInvalid(line, this.#precision) !== 'INVALID_NAME') return false;
    file.rejectUnsent('INVALID_NAME', line);
    return true;
  }

  /**
   * Keeps back a series key that InfluxDB would refuse, but only after it has sorted its tags, in a time that grows with their square: 1 MB
   * of them stops InfluxDB 1.6.7 for half a minute.
   */
  #hasTooLongKey(file: UnsentRecords, bytes: Buffer, { start, seriesEnd, end }: LineRecord): boolean {
    if (seriesEnd - start <= KEY_BYTES_MAX) return false;
    const line = bytes.subarray(start, end);
    file.rejectUnsent(whyInvalid(line, this.#precision) ?? 'KEY_TOO_LONG', line);
    return true;
  }
}

/** Returns whether nothing follows the fields but blanks, which InfluxDB skips where it looks for a timestamp. */
function lacksTimestamp(bytes: Buffer, { fieldsEnd, end }: LineRecord): boolean {
  return skipBlanks(bytes, fieldsEnd, end) === end;
}

/** Rounds up, also below zero: a time in units is at or after `ns` exactly if it is at least this quotient. */
function ceilDivide(ns: bigint, unit: bigint): bigint {
  const quotient = ns / unit;
  return quotient * unit < ns ? quotient + 1n : quotient;
}

/** Returns why a record is not valid line protocol; `undefined` if it is valid. It may lack a timestamp. */
export function whyInvalid(record: Uint8Array, precision: Precision): LineProtocolErrorCode | undefined {
  for (const { error } of validateLines(record, { precision })) return error.code;
  return undefined;
}
