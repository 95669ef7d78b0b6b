import type { Fault } from './fault';
import { type FieldSetLayout, scanFieldSet } from './field-set';
import { type SeriesKeyLayout, scanSeriesKey } from './series/series-key';
import { scanTimestamp, type TimestampLayout } from './timestamp';

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
}
