import type { FieldSetLayout } from './cut-fields';
import type { Fault } from './fault';
import { scanFieldSet, scanFieldSetInSteps } from './field-set';
import { KEY_BYTES_MAX, keyTooLong, type SeriesKeyLayout, scanSeriesKey } from './series/series-key';
import { scanTimestamp, scanTimestampInSteps, type TimestampLayout } from './timestamp';

/** The offsets of everything in one record. One object is reused for many records. */
export class RecordLayout implements SeriesKeyLayout, FieldSetLayout, TimestampLayout {
  measurementEnd = 0;
  seriesEnd = 0;
  readonly tags: number[] = [];
  fieldsStart = 0;
  fieldsEnd = 0;
  readonly fields: number[] = [];
  timestampStart = 0;
  timestampEnd = 0;

  /**
   * Finds everything in the record from `start` (after leading blanks) to `end` (before its LF), or returns why InfluxDB
   * would refuse it. The timestamp's range is not checked: it depends on the precision.
   */
  scan(bytes: Uint8Array, start: number, end: number): Fault | undefined {
    return (
      scanSeriesKey(bytes, start, end, this) ??
      scanFieldSet(bytes, start, this.seriesEnd, end, this) ??
      scanTimestamp(bytes, this.fieldsEnd, end, this)
    );
  }

  /** Does the same for a long record, step by step. A few things are refused here that would take too long for a step. */
  *scanInSteps(bytes: Uint8Array, start: number, end: number): Generator<void, Fault | undefined, undefined> {
    const keyEndMax = Math.min(end, start + KEY_BYTES_MAX + 1);
    const keyFault = scanSeriesKey(bytes, start, keyEndMax, this);
    if (keyFault) return keyFault.at === keyEndMax && keyEndMax < end ? keyTooLong(start, keyEndMax) : keyFault;
    yield;
    const fieldsFault = yield* scanFieldSetInSteps(bytes, start, this.seriesEnd, end, this);
    if (fieldsFault) return fieldsFault;
    return yield* scanTimestampInSteps(bytes, this.fieldsEnd, end, this);
  }
}
