import { type FileHeader, nanosecondsPer, type ParsedPoint, type Precision, scanLines } from '@ceres/lineproto';
import type { ResolvedSelection } from '../../options/selection';
import { isOutside } from '../../plan/headers';
import type { OrderedFile } from '../../plan/order';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import type { Entries } from '../digest/entries';
import type { Hash64 } from '../digest/hash64';
import { hashSeries, PointHash } from '../digest/point-hash';
import { type FileFinding, readFile } from '../read-file';
import { type Columns, type MeasurementKey, measurementKey, pointField } from './columns';
import { parseRecord } from './parse-record';

export interface BackupSideSettings {
  readonly selection: ResolvedSelection;
  /** Of files that do not say theirs. */
  readonly precision: Precision;
  readonly policies: ComparedPolicies;
  readonly columns: Columns;
  readonly entries: Entries;
}

interface Series {
  readonly measurement: MeasurementKey;
  readonly hash: Hash64;
}

/** Of one policy; bounded for backups of more series than memory should hold. */
const seriesMax = 100_000;

/** Turns the records of a backup into entries: one for each value, and one for the point itself. */
export class BackupSide {
  readonly #settings: BackupSideSettings;
  readonly #hash = new PointHash();
  /** By the spelling of the series key. */
  readonly #series = new Map<string, Series>();
  #policy: ComparedPolicy | undefined;

  constructor(settings: BackupSideSettings) {
    this.#settings = settings;
  }

  /** Files in replay order. @returns what is to be said of it, if anything */
  async read({ key }: OrderedFile): Promise<FileFinding | undefined> {
    const { selection, policies, entries } = this.#settings;
    return await readFile(key, selection, {
      header: (header) => {
        const policy = policies.of(header.database, header.retentionPolicy);
        if (policy !== this.#policy) this.#series.clear();
        this.#policy = policy;
        return !isOutside(header, selection);
      },
      batch: async ({ bytes }, header) => {
        this.#addAll(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), header);
        await entries.spill();
      },
    });
  }

  #addAll(bytes: Buffer, header: FileHeader): void {
    const { selection, precision: fallback } = this.#settings;
    const precision = header.precision ?? fallback;
    const unit = nanosecondsPer[precision];
    const from = this.#policy?.from;
    for (const record of scanLines(bytes)) {
      if (record.timestamp === undefined) continue; // never restored: it is among the rejects
      const time = record.timestamp * unit;
      if ((from !== undefined && time < from) || (selection.to !== undefined && time >= selection.to)) continue;
      const point = parseRecord(bytes, record, precision);
      if (point === undefined || selection.measurements?.has(point.measurement) === false) continue;
      this.#add(point, time, bytes.toString('latin1', record.start, record.seriesEnd));
    }
  }

  #add(point: ParsedPoint, time: bigint, spelling: string): void {
    const { columns, entries } = this.#settings;
    const { measurement, hash: series } = this.#seriesOf(point, spelling);
    const hash = this.#hash;
    hash.begin(series, time);
    const { minute, key, content } = hash;
    entries.add(hash.point.hi, hash.point.lo, 0, 0, columns.numberOf(measurement, pointField), minute);
    for (const [field, value] of Object.entries(point.fields)) {
      hash.field(field, value);
      entries.add(key.hi, key.lo, content.hi, content.lo, columns.numberOf(measurement, field), minute);
    }
  }

  #seriesOf(point: ParsedPoint, spelling: string): Series {
    const known = this.#series.get(spelling);
    if (known !== undefined) return known;
    const { database = '', name = '' } = this.#policy ?? {};
    const measurement = measurementKey(database, name, point.measurement);
    const series = { measurement, hash: hashSeries(measurement, point.tags) };
    if (this.#series.size >= seriesMax) this.#series.clear();
    this.#series.set(spelling, series);
    return series;
  }
}
