import type { Point } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';
import { type CheckedLines, copyOf } from './lines/checked-lines';
import type { WriteOptions } from './options/write-options';
import type { Logger } from './report/logger';
import type { RawLines } from './stages/encode';
import type { Receipt } from './write/receipt';

/** Lines as this sink stores them: valid, stamped, at its precision; every line ends in LF. */
export interface EncodedLines extends CheckedLines {
  /** Which records of the input `onInvalid: 'quarantine'` set aside, from 0; `append` stores them too, and InfluxDB never gets them. */
  readonly quarantined: readonly number[];
}

/**
 * `write()` in its two halves, for the tees: what is encoded once goes to the spool and, the same bytes, to InfluxDB.
 * `write(to, data, options)` is `append(to, encode(data), options)`.
 */
export interface SinkInternals {
  readonly logger: Logger;
  /** Nanoseconds since the epoch, greater than every stamp this sink gave before. */
  stamp(): bigint;
  /** @throws what `write` throws for bad data; nothing is written */
  encode(data: readonly Point[] | RawLines): EncodedLines;
  append(to: Partition, encoded: EncodedLines, options?: WriteOptions): Promise<Receipt>;
}

/** A tee sends them to two sides, one after the other: they must outlive the encoder's next call. */
export function keptLines(prepared: CheckedLines): EncodedLines {
  const quarantined = prepared.rejects.map(({ index }) => index);
  return { ...prepared, bytes: copyOf(prepared.bytes), quarantined };
}

const internals = new WeakMap<object, SinkInternals>();

/** Called once by the sink's constructor. */
export function registerInternals(sink: object, own: SinkInternals): void {
  internals.set(sink, own);
}

/** Of a sink of this package; undefined for anything else that was passed in its place. */
export function internalsOf(sink: object): SinkInternals | undefined {
  return internals.get(sink);
}
