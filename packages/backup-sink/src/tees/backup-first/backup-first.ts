import { withDeadline } from '@ceres/internal';
import { LineProtocolError, type Point, type Precision } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';
import { asError, SinkError, type SinkErrorCode } from '../../errors';
import type { EncodedLines, SinkInternals } from '../../internals';
import { refuseWrite, withoutTimestamp } from '../../lines/checked-lines';
import type { WriteOptions } from '../../options/write-options';
import { InTurn } from '../../scheduling/in-turn';
import type { RawLines } from '../../stages/encode';
import type { Receipt } from '../../write/receipt';
import type { ResolvedTeeOptions } from '../options';
import { newCounters, type TeeCounters } from '../tee-stats';
import { isUnauthorized, withBackup } from './errors';
import { answeredWithin } from './influx-timeout';
import { SendOrder } from './send-order';

/** What came of a write on both sides. */
export interface TeeResult<T> {
  readonly receipt: Receipt;
  /** `undefined` if InfluxDB failed and `onInfluxError` is `'resolve'`. */
  readonly answer: T | undefined;
}

/** What a tee asks of both sides. */
export interface BackupFirstOptions extends ResolvedTeeOptions {
  /** How long the sink may take to make a write durable before that counts as its failure. Default: no limit. */
  readonly backupMsMax?: number;
}

/** Faults of the caller: they are refused whatever `onSinkError` says, before either side has anything. */
const callersFaults: ReadonlySet<SinkErrorCode> = new Set(['INVALID_DATA', 'INVALID_NAME', 'INVALID_OPTIONS']);

/**
 * Keeps the order of all tees: a write is durable in the sink before it is sent to InfluxDB, so that InfluxDB never holds a
 * point that the backup lacks; and writes of one point are sent in the order of the backup. This is the only place that decides what happens when either side fails.
 */
export class BackupFirst {
  readonly counters: TeeCounters = newCounters();
  readonly #sink: SinkInternals;
  readonly #options: BackupFirstOptions;
  readonly #order = new SendOrder();
  readonly #encoding = new InTurn<string>();

  constructor(sink: SinkInternals, options: BackupFirstOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Returns the time for a point without a timestamp, the same for both sides, in `unit`. */
  stamp(unit: Precision): bigint {
    return this.#sink.stamp(unit);
  }

  /**
   * Encodes points or raw lines for both sides, and takes what is long in slices, so that no write keeps the event loop for long. A line
   * without a timestamp gets one in its own precision, as InfluxDB would give it.
   *
   * @throws SinkError `INVALID_DATA`, at once or later, before either side has anything
   */
  encode(data: readonly Point[] | RawLines): EncodedLines | Promise<EncodedLines> {
    return this.#sink.encodeInSlices(data, 'own unit');
  }

  /** Encodes points whose timestamps count in `precision`; returns `undefined`, and keeps nothing, if one of them is bad. */
  encodeIfGood(points: readonly Point[], precision: Precision): EncodedLines | undefined {
    return this.#sink.encodeIfGood(points, precision);
  }

  /**
   * Does the same for the lines of points, which all have a timestamp by now. A refusal of a timestamp that came from here, and not from
   * the caller, says that there was none.
   *
   * @param hadTimestamp tells whether the caller gave the point with an index its timestamp
   */
  encodeStamped(raw: RawLines, hadTimestamp: (index: number) => boolean): EncodedLines {
    try {
      return this.#sink.encode(raw);
    } catch (error) {
      const fault = error instanceof SinkError ? error.cause : undefined;
      const isStamp = fault instanceof LineProtocolError && fault.code === 'PRECISION_LOSS';
      if (!isStamp || fault.index === undefined || hadTimestamp(fault.index)) throw error;
      return refuseWrite({ error: withoutTimestamp('point', fault.index, this.#sink.precision, fault) });
    }
  }

  /**
   * Makes a write durable in the sink, then sends it to InfluxDB. Writes of one database keep the order of the calls: what
   * comes after one that is still being encoded waits for it.
   *
   * @throws SinkError or an `AbortError` if the sink failed: nothing was sent to InfluxDB
   * @throws what `send` threw, with the receipt as its `backup`: see `BackedUp`
   */
  async write<T>(
    { database, retentionPolicy = '' }: Omit<Partition, 'instance'>,
    lines: EncodedLines | Promise<EncodedLines>,
    send: (signal: AbortSignal, encoded: EncodedLines) => Promise<T>,
    options: WriteOptions = {},
  ): Promise<TeeResult<T>> {
    const to = { instance: this.#options.instance, database, retentionPolicy };
    // By database, because two names may mean one policy.
    return await this.#encoding.run(database, lines, (encoded) => this.#enter(to, encoded, send, options));
  }

  async #enter<T>(
    to: Required<Partition>,
    encoded: EncodedLines,
    send: (signal: AbortSignal, encoded: EncodedLines) => Promise<T>,
    options: WriteOptions,
  ): Promise<TeeResult<T>> {
    this.counters.writes += 1;
    // Before anything is waited for: places are taken in the order in which the sink gets the writes.
    const turn = this.#order.enter(to.database, to.retentionPolicy, encoded);
    try {
      return await this.#write(to, encoded, options, async (signal) => {
        await turn.ready(signal);
        return await send(signal, encoded);
      });
    } finally {
      turn.leave();
    }
  }

  async #write<T>(
    partition: Partition,
    encoded: EncodedLines,
    options: WriteOptions,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<TeeResult<T>> {
    const { receipt, failure } = await this.#backUp(partition, encoded, options);
    try {
      return { receipt, answer: await answeredWithin(this.#options.influxTimeoutMs, options.signal, send) };
    } catch (thrown) {
      const error = asError(thrown);
      this.counters.influxErrors += 1;
      this.counters.lastInfluxError = error;
      this.#report(error, partition, encoded.lines);
      if (failure !== undefined) throw error; // Neither side has the points: there is nothing to resolve with.
      if (this.#options.onInfluxError === 'reject' || options.signal?.aborted) throw withBackup(error, receipt);
      return { receipt, answer: undefined };
    }
  }

  #report(error: Error, partition: Partition, lines: number): void {
    const { logger } = this.#sink;
    const what = { err: error, ...partition, lines };
    if (!isUnauthorized(error)) {
      logger.warn(what, 'InfluxDB failed a write');
      return;
    }
    this.counters.unauthorized += 1;
    logger.error(
      what,
      'InfluxDB refuses the credentials of a write that is backed up: a restore would bring it. Check the user and its grants',
    );
  }

  async #backUp(partition: Partition, encoded: EncodedLines, options: WriteOptions): Promise<Backup> {
    try {
      return { receipt: await this.#durable(partition, encoded, options), failure: undefined };
    } catch (thrown) {
      const error = asError(thrown);
      if (options.signal?.aborted || (error instanceof SinkError && callersFaults.has(error.code))) throw error;
      this.counters.sinkErrors += 1;
      this.counters.lastSinkError = error;
      const isContinued = this.#options.onSinkError === 'continue';
      this.#sink.logger.error(
        { err: error, ...partition, lines: encoded.lines },
        isContinued ? 'writing to InfluxDB without a backup' : 'the backup failed; nothing was sent to InfluxDB',
      );
      if (!isContinued) throw error;
      this.counters.withoutBackup += 1;
      return { receipt: noReceipt(error), failure: error };
    }
  }

  async #durable(partition: Partition, encoded: EncodedLines, options: WriteOptions): Promise<Receipt> {
    const { backupMsMax } = this.#options;
    if (backupMsMax === undefined) return this.#append(partition, encoded, options);
    const deadline = { ms: backupMsMax, error: () => notDurableWithin(backupMsMax), signal: options.signal };
    return withDeadline(deadline, (signal) => this.#append(partition, encoded, { ...options, signal }));
  }

  async #append(partition: Partition, encoded: EncodedLines, options: WriteOptions): Promise<Receipt> {
    const receipt = await this.#sink.append(partition, encoded, options);
    // With `buffered` as the ack of the sink or the call, the write still has to be durable before it is sent to InfluxDB.
    if (receipt.ack === 'buffered') await receipt.reached('spooled', options.signal ? { signal: options.signal } : {});
    return receipt;
  }
}

/** Says that the sink took too long. Lines that were on their way to the disk may be in the backup all the same. */
function notDurableWithin(timeoutMs: number): SinkError {
  const message = `The sink did not make the write durable within ${timeoutMs} ms: is its spool full, or its disk or storage slow? See sink.stats().`;
  return new SinkError('SPOOL_FULL', message);
}

type Backup = { readonly receipt: Receipt; readonly failure: Error | undefined };

/** Returns the receipt of a write that went on without a backup: nothing was taken, and it never reaches an ack. */
function noReceipt(error: Error): Receipt {
  return { lines: 0, bytes: 0, quarantined: 0, ack: 'buffered', reached: () => Promise.reject(error) };
}
