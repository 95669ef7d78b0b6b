import { skimLines } from '@ceres/lineproto/internal';
import type { FileInFlight } from '../account/file-in-flight';
import { type Body, type BodyBuffers, BodyBuilder, type WriteAddress } from './body';
import type { RecordFilter } from './record-filter';
import type { SeriesBuckets } from './series-buckets';
import { SeriesEstimate } from './series-estimate';

/** How the lines of one policy are divided into bodies. */
interface Shape {
  /** True if a lane fills one body for each of its buckets; false if it fills a single one. */
  readonly isByBucket: boolean;
  readonly recordsMax: number;
}

/** InfluxDB's own advice. Larger bodies gain nothing if a body holds many lines of each series. */
const fewSeries: Shape = { isByBucket: false, recordsMax: 5_000 };
/**
 * If lines are spread over many series, the server's work grows with the number of series in each body. So a body waits
 * until it has more lines of fewer series.
 */
const manySeries: Shape = { isByBucket: true, recordsMax: 10_000 };
/** There are many series if a sample of some 16,000 lines has fewer lines per series than this. */
const manySeriesBelow = 8;
/** How many neighbors are copied at once; a body may exceed its number of records by as many. */
const runRecordsMax = 256;
/** A fifth of what InfluxDB accepts. */
const bodyBytesMax = 5_000_000;

/** A body to send, and the lane that it must go through. */
export interface LaneBody {
  readonly lane: number;
  readonly body: Body;
}

/**
 * Collects the records for one policy of the server into bodies. All records of a series pass through one bucket, and all
 * of a bucket through one lane, so that they keep their order.
 */
export class Buckets {
  readonly #lanes: number;
  readonly #series: SeriesBuckets;
  readonly #buffers: BodyBuffers;
  #to: WriteAddress;
  #shape = fewSeries;
  #builders: BodyBuilder[];
  #estimate = new SeriesEstimate();
  #ready: LaneBody[] = [];

  /** @param series has a multiple of `lanes` buckets */
  constructor(lanes: number, to: WriteAddress, series: SeriesBuckets, buffers: BodyBuffers) {
    this.#lanes = lanes;
    this.#series = series;
    this.#buffers = buffers;
    this.#to = to;
    this.#builders = this.#makeBuilders();
  }

  /** The number of bytes that wait for their bodies to fill. */
  get waitingBytes(): number {
    return this.#builders.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  }

  /** The address of the records that follow. */
  set to(to: WriteAddress) {
    if (to.precision === this.#to.precision) return;
    this.flush();
    this.#to = to;
    this.#builders = this.#makeBuilders();
  }

  /**
   * Adds the records of a file that the filter admits.
   *
   * @param bytes whole records; the last LF is optional
   */
  add(file: FileInFlight, bytes: Buffer, filter: RecordFilter): void {
    const series = this.#series;
    const count = this.#builders.length;
    series.bytes = bytes;
    let linesPerSeries: number | undefined;
    // Neighbors in one bucket are copied at once.
    let bucket = 0;
    let start = 0;
    let end = 0;
    let records = 0;
    let lineEnd = 0;
    for (const record of skimLines(bytes)) {
      // Blanks before a record belong to it: without them it may end elsewhere.
      const lineStart = lineEnd;
      lineEnd = record.end + 1;
      if (!filter.admits(file, bytes, record)) continue;
      const next = series.bucketOf(record.start, record.seriesEnd) % count;
      linesPerSeries = this.#estimate.add(series.hash) ?? linesPerSeries;
      if (next === bucket && lineStart === end && records > 0 && records < runRecordsMax) {
        end = record.end + 1;
        records += 1;
        continue;
      }
      if (records > 0) this.#append(bucket, file, bytes, start, end, records);
      bucket = next;
      start = lineStart;
      end = record.end + 1;
      records = 1;
    }
    if (records > 0) this.#append(bucket, file, bytes, start, Math.min(end, bytes.length), records);
    if (linesPerSeries !== undefined) this.#reshape(linesPerSeries < manySeriesBelow ? manySeries : fewSeries);
  }

  /** Makes everything that was collected ready to send. */
  flush(): void {
    for (const bucket of this.#builders.keys()) this.#seal(bucket);
  }

  /** Returns the bodies that are ready, in the order in which each lane must send them. */
  takeReady(): readonly LaneBody[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #append(bucket: number, file: FileInFlight, bytes: Buffer, start: number, end: number, records: number): void {
    const builder = this.#builders[bucket];
    if (builder === undefined) throw new RangeError(`There is no bucket ${bucket}.`);
    if (builder.sizeBytes + end - start > bodyBytesMax) this.#seal(bucket);
    builder.append(file, bytes, start, end, records);
    file.routed(records);
    if (builder.records >= this.#shape.recordsMax) this.#seal(bucket);
  }

  #seal(bucket: number): void {
    const body = this.#builders[bucket]?.take();
    if (body !== undefined) this.#ready.push({ lane: bucket % this.#lanes, body });
  }

  /** Changes the shape of bodies. A series may change its bucket, but never its lane; what the old buckets hold goes first. */
  #reshape(shape: Shape): void {
    if (shape === this.#shape) return;
    this.flush();
    this.#shape = shape;
    this.#builders = this.#makeBuilders();
  }

  #makeBuilders(): BodyBuilder[] {
    return Array.from(
      { length: this.#shape.isByBucket ? this.#series.count : this.#lanes },
      () => new BodyBuilder(this.#to, this.#buffers),
    );
  }
}
