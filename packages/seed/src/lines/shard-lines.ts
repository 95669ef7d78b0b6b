import {
  LineProtocolError,
  type LineSummary,
  nanosecondsPer,
  type Precision,
  rescale,
  scanLines,
  validateLines,
} from '@ceres/lineproto';
import { validateAndSummarize } from '@ceres/lineproto/internal';
import { type PointBatch, PointLines } from '@ceres/tsm';

/** Lines of one series, valid, each with its LF. */
export interface SeriesLines {
  /** Belong to the encoder, which uses their memory again. */
  readonly bytes: Uint8Array;
  /** Its times are in `precision`. */
  readonly summary: LineSummary & { readonly firstTimestamp: bigint; readonly lastTimestamp: bigint };
  readonly precision: Precision;
}

/** A point that no line can carry. */
export interface RefusedPoint {
  readonly seriesKey: string;
  readonly timeNs: bigint;
  readonly reason: string;
  /** What it would be as a line, without its LF. */
  readonly record: Uint8Array;
}

/**
 * Makes lines of points, and checks that each line means its point: a name that holds a line feed, or one that reads otherwise than it was written, would
 * become other points, or damage those around it.
 *
 * Times are written in a coarser precision as long as none of the shard is finer; from that one on, in nanoseconds.
 */
export class ShardLines {
  readonly #lines = new PointLines();
  readonly #onRefused: (point: RefusedPoint) => void;

  #precision: Precision;

  /** @param onRefused is called with each point that is left out */
  constructor(precision: Precision, onRefused: (point: RefusedPoint) => void) {
    this.#precision = precision;
    this.#onRefused = onRefused;
  }

  /** Yields the lines of a batch in pieces of at most `bytesMax`; a longer record is a piece of its own. */
  *of(batch: PointBatch, bytesMax: number): Generator<SeriesLines> {
    const lines = this.#encode(batch);
    if (lines !== undefined && (lines.bytes.length <= bytesMax || batch.length === 1)) yield lines;
    else if (batch.length === 1) this.#refuse(batch);
    else {
      const middle = batch.length >>> 1;
      yield* this.of(partOf(batch, 0, middle), bytesMax);
      yield* this.of(partOf(batch, middle, batch.length), bytesMax);
    }
  }

  /** Returns the lines of a batch; `undefined` if one of them does not mean its point. */
  #encode(batch: PointBatch): SeriesLines | undefined {
    const { length, times } = batch;
    const bytes = this.#lines.encode(batch);
    const found = validateAndSummarize(bytes) ?? summarizeSlowly(bytes);
    if (found === undefined || found.lines !== length || !isSeries(bytes, batch.seriesKey)) return undefined;
    const written = this.#inPrecision(bytes);
    const unit = nanosecondsPer[this.#precision];
    // Batches are in the order of time.
    const [firstTimestamp, lastTimestamp] = [(times[0] as bigint) / unit, (times[length - 1] as bigint) / unit];
    const summary = { ...found, bytes: written.length, firstTimestamp, lastTimestamp };
    return { bytes: written, summary, precision: this.#precision };
  }

  /** Returns lines in the coarser precision; from the first time on that is finer, as they are. */
  #inPrecision(bytes: Uint8Array): Uint8Array {
    if (this.#precision === 'ns') return bytes;
    try {
      return rescale(bytes, 'ns', this.#precision, 'refuse');
    } catch (error) {
      if (!(error instanceof LineProtocolError && error.code === 'PRECISION_LOSS')) throw error;
      this.#precision = 'ns';
      return bytes;
    }
  }

  #refuse(batch: PointBatch): void {
    const bytes = this.#lines.encode(batch);
    const reason = [...validateLines(bytes)][0]?.error.message ?? 'its names would read otherwise in a line';
    const record = Uint8Array.from(bytes.subarray(0, -1));
    this.#onRefused({
      record,
      seriesKey: Buffer.from(batch.seriesKey).toString('utf8'),
      timeNs: batch.times[0] as bigint,
      reason,
    });
  }
}

/** Sums up lines that have times before 1970; returns `undefined` if one of them is bad. */
function summarizeSlowly(bytes: Uint8Array): LineSummary | undefined {
  if (!validateLines(bytes).next().done) return undefined;
  let [lines, recordBytesMax, hasInnerNewline, end] = [0, 0, false, 0];
  for (const record of scanLines(bytes)) {
    if (record.start !== end || record.timestamp === undefined) return undefined;
    lines += 1;
    end = record.end + 1;
    recordBytesMax = Math.max(recordBytesMax, end - record.start);
    hasInnerNewline ||= bytes.subarray(record.start, record.end).includes(0x0a);
  }
  if (end !== bytes.length) return undefined;
  return { lines, bytes: end, recordBytesMax, hasInnerNewline, firstTimestamp: undefined, lastTimestamp: undefined };
}

/** Returns whether the first record has this series. The others are written by the same bytes. */
function isSeries(bytes: Uint8Array, seriesKey: Uint8Array): boolean {
  const record = scanLines(bytes).next().value;
  return record !== undefined && record.start === 0 && record.seriesEnd === seriesKey.length;
}

function partOf(batch: PointBatch, from: number, to: number): PointBatch {
  return {
    seriesKey: batch.seriesKey,
    length: to - from,
    times: batch.times.subarray(from, to),
    timeWords: batch.timeWords.subarray(2 * from, 2 * to),
    fields: batch.fields.map(({ name, type, column, rows }) => ({ name, type, column, rows: rows.subarray(from, to) })),
  };
}
