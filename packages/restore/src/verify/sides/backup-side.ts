import type { Hash64 } from '@ceres/internal';
import { type FileHeader, nanosecondsPer, type ParsedPoint, type Precision, scanLines } from '@ceres/lineproto';
import { cutPlainFields, type FieldOffsets, parseRecordBytes } from '@ceres/lineproto/internal';
import type { ResolvedSelection } from '../../options/selection';
import { isOutside } from '../../plan/headers';
import type { OrderedFile } from '../../plan/order';
import type { FileFinding } from '../../read/finding';
import type { FileReader } from '../../read/read-file';
import type { SequenceGaps } from '../../read/sequence-gaps';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import { type Columns, measurementKey } from '../digest/columns';
import type { LastWrites } from '../digest/last-writes';
import { hashSeries, PointHash } from '../digest/point-hash';
import { shown } from '../digest/raw-text';
import { cutTime } from '../digest/time-parts';
import { hashPlainValue } from '../digest/value-hash';
import { FieldColumns } from './field-columns';

export interface BackupSideSettings {
  readonly selection: ResolvedSelection;
  /** The precision of files that do not name one. */
  readonly precision: Precision;
  readonly policies: ComparedPolicies;
  readonly columns: Columns;
  readonly writes: LastWrites;
  readonly reader: FileReader;
  /** Learns the sequence number of every file. */
  readonly sequences: SequenceGaps;
}

interface Series {
  readonly hash: Hash64;
  readonly columns: FieldColumns;
}

/** The series that memory holds of one policy. A backup may have more. */
const seriesMax = 100_000;

/** Stands for a series of a measurement that is not selected: nothing of it is added. */
const unselected = 'unselected';

/** Up to here, in ns, every time is in InfluxDB's range. Beyond, `parseRecordBytes` decides. */
const timeMax = 9_000_000_000_000_000_000n;

/** Turns the records of a backup into writes: one for each value, and one for the point itself. */
export class BackupSide {
  readonly #settings: BackupSideSettings;
  readonly #hash = new PointHash();
  /** The known series by the spelling of their keys. */
  readonly #series = new Map<string, Series | typeof unselected>();
  /** The columns of each measurement by its key. */
  readonly #columns = new Map<string, FieldColumns>();
  readonly #offsets: FieldOffsets = [];
  readonly #halves = { high: 0, low: 0 };
  #policy: ComparedPolicy | undefined;

  constructor(settings: BackupSideSettings) {
    this.#settings = settings;
  }

  /**
   * Adds the writes of a file. Files must come in replay order.
   *
   * @returns what a user must know about the file, if anything
   */
  async read(file: OrderedFile): Promise<FileFinding | undefined> {
    const { selection, reader, writes, sequences } = this.#settings;
    return await reader.read(file, {
      damaged: (header) => sequences.add(header), // Else its number would be missing, too.
      header: (header) => {
        sequences.add(header);
        if (header.mixed === undefined) this.#enter(header);
        return !isOutside(header, selection);
      },
      batch: async ({ bytes }, header) => {
        if (header.mixed !== undefined) this.#enter(header);
        this.#addAll(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), header);
        await writes.spill();
      },
    });
  }

  /** Goes to the policy of the records that follow. */
  #enter({ database, retentionPolicy }: FileHeader): void {
    const policy = this.#settings.policies.of(database, retentionPolicy);
    if (policy !== this.#policy) this.#series.clear();
    this.#policy = policy;
  }

  #addAll(bytes: Buffer, header: FileHeader): void {
    const { selection, precision: fallback } = this.#settings;
    const precision = header.precision ?? fallback;
    const unit = nanosecondsPer[precision];
    const from = this.#policy?.from;
    for (const record of scanLines(bytes)) {
      if (record.timestamp === undefined) continue; // A restore does not write it: it goes to the rejects.
      const time = record.timestamp * unit;
      if ((from !== undefined && time < from) || (selection.until !== undefined && time >= selection.until)) continue;
      const spelling = bytes.toString('latin1', record.start, record.seriesEnd);
      const known = this.#series.get(spelling);
      if (known === unselected) continue;
      if (known !== undefined && time > -timeMax && time < timeMax) {
        const fields = cutPlainFields(bytes, record, this.#offsets);
        if (fields !== undefined) {
          this.#addPlain(bytes, fields, known, time);
          continue;
        }
      }
      const point = parseRecordBytes(bytes.subarray(record.start, record.end), precision);
      if (point === undefined) continue;
      const series = known ?? this.#newSeries(point, spelling);
      if (series !== unselected) this.#add(point, series, time);
    }
  }

  #add(point: ParsedPoint, series: Series, time: bigint): void {
    const { columns, writes } = this.#settings;
    const { minute, key, content } = this.#addPoint(series, time);
    for (const [field, value] of Object.entries(point.fields)) {
      this.#hash.field(field, value);
      const column = columns.numberOf(series.columns.measurement, field);
      writes.add(key.hi, key.lo, content.hi, content.lo, column, minute);
    }
  }

  /** Adds the fields that were cut. If a record has a field twice, its last value counts, as if it were written again. */
  #addPlain(bytes: Buffer, fields: number, series: Series, time: bigint): void {
    const { writes } = this.#settings;
    const offsets = this.#offsets;
    const hash = this.#addPoint(series, time);
    const { minute, key, content } = hash;
    for (let i = 0; i < fields; i += 1) {
      const valueStart = offsets[3 * i + 1] as number;
      const { name, column } = series.columns.at(i, bytes, offsets[3 * i] as number, valueStart - 1);
      hashPlainValue(bytes, valueStart, offsets[3 * i + 2] as number, hash.value);
      hash.fieldOfHashedValue(name);
      writes.add(key.hi, key.lo, content.hi, content.lo, column, minute);
    }
  }

  #addPoint(series: Series, time: bigint): PointHash {
    const hash = this.#hash;
    cutTime(time, this.#halves);
    hash.begin(series.hash, this.#halves.high, this.#halves.low);
    this.#settings.writes.add(hash.point.hi, hash.point.lo, 0, 0, series.columns.pointColumn, hash.minute);
    return hash;
  }

  #newSeries(point: ParsedPoint, spelling: string): Series | typeof unselected {
    if (this.#series.size >= seriesMax) this.#series.clear();
    const series = this.#isSelected(point) ? this.#seriesOf(point) : unselected;
    this.#series.set(spelling, series);
    return series;
  }

  #isSelected({ measurement }: ParsedPoint): boolean {
    return this.#settings.selection.measurements?.has(shown(measurement)) !== false;
  }

  #seriesOf({ measurement: name, tags }: ParsedPoint): Series {
    const { database = '', name: policy = '' } = this.#policy ?? {};
    const measurement = measurementKey(database, policy, name);
    let columns = this.#columns.get(measurement.key);
    if (columns === undefined) {
      columns = new FieldColumns(measurement, this.#settings.columns);
      this.#columns.set(measurement.key, columns);
    }
    return { hash: hashSeries(measurement, Object.entries(tags)), columns };
  }
}
