import type { Point, Precision } from '@ceres/lineproto';
import type { Clock, Partition } from '@ceres/storage';
import { type CheckedLines, copyOf } from './lines/checked-lines';
import type { StampUnit } from './lines/raw-lines';
import type { WriteOptions } from './options/write-options';
import type { Logger } from './report/logger';
import type { OwnFiles } from './spool/own-files';
import type { RawLines } from './stages/encode';
import type { Receipt } from './write/receipt';

/** Lines as this sink stores them: valid, stamped, in its precision; every line ends in LF. */
export interface EncodedLines extends CheckedLines {
  /** The indexes, from 0, of input records that `onInvalid: 'quarantine'` set aside; `append` stores them too, and InfluxDB never gets them. */
  readonly quarantined: readonly number[];
}

/**
 * `write()` in its two halves, for the tees: lines are encoded once, and the same bytes go to the spool and to InfluxDB.
 * `write(to, data, options)` is `append(to, encode(data), options)`.
 */
export interface SinkInternals {
  readonly precision: Precision;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Keeps small files beside the spool. */
  readonly ownFiles: OwnFiles;
  /** Returns the time of now in `unit`; in nanoseconds it is greater than every stamp that this sink gave before. */
  stamp(unit: Precision): bigint;
  /** @throws what `write` throws for bad data; nothing is written */
  encode(data: readonly Point[] | RawLines): EncodedLines;
  /** Encodes points that all have a timestamp, in `precision`; returns `undefined` if one of them is bad. */
  encodeIfGood(points: readonly Point[], precision: Precision): EncodedLines | undefined;
  /**
   * Encodes as `encode` does, and takes what is long in slices between which the event loop runs; then it resolves later, and the
   * caller must not change the bytes or the points before.
   */
  encodeInSlices(data: readonly Point[] | RawLines, stampsIn: StampUnit): EncodedLines | Promise<EncodedLines>;
  append(to: Partition, encoded: EncodedLines, options?: WriteOptions): Promise<Receipt>;
}

/** Copies lines for a tee, which sends them to two sides, one after the other: they must outlive the encoder's next call. */
export function keptLines(lines: CheckedLines): EncodedLines {
  const quarantined = lines.rejects.map(({ index }) => index);
  return { ...lines, bytes: lines.isOwned ? lines.bytes : copyOf(lines.bytes), isOwned: true, quarantined };
}

const internals = new WeakMap<object, SinkInternals>();

/** Registers a sink's internals. The sink's constructor calls this once. */
export function registerInternals(sink: object, own: SinkInternals): void {
  internals.set(sink, own);
}

/** Returns the internals of a sink of this package; `undefined` for anything else that was passed in its place. */
export function internalsOf(sink: object): SinkInternals | undefined {
  return internals.get(sink);
}
