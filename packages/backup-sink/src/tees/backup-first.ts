import type { Point } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';
import { asError, SinkError, type SinkErrorCode } from '../errors';
import type { EncodedLines, SinkInternals } from '../internals';
import type { Receipt } from '../receipt';
import type { RawLines } from '../stages/encode';
import type { WriteOptions } from '../writes';
import { withBackup } from './backed-up';
import type { ResolvedTeeOptions } from './options';
import { stampLines } from './stamp-lines';
import { newCounters, type TeeCounters } from './tee-stats';
import { answeredWithin } from './timeout';

export interface TeeResult<T> {
  readonly receipt: Receipt;
  /** Undefined when InfluxDB failed and `onInfluxError` is `'resolve'`. */
  readonly answer: T | undefined;
}

/** The caller's own faults: they are refused whatever `onSinkError` says, before either side has anything. */
const callersFaults: ReadonlySet<SinkErrorCode> = new Set(['INVALID_DATA', 'INVALID_NAME', 'INVALID_OPTIONS']);

/**
 * The order that all tees keep: the sink is durable before InfluxDB is asked, so InfluxDB never holds a point that the
 * backup lacks. What happens when either side fails is decided here and nowhere else.
 */
export class BackupFirst {
  readonly counters: TeeCounters = newCounters();
  readonly #sink: SinkInternals;
  readonly #options: ResolvedTeeOptions;

  constructor(sink: SinkInternals, options: ResolvedTeeOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** For points without a timestamp: one stamp, given to both sides. Nanoseconds. */
  stamp(): bigint {
    return this.#sink.stamp();
  }

  /** @throws SinkError `INVALID_DATA`, before either side has anything */
  encode(data: readonly Point[] | RawLines): EncodedLines {
    return this.#sink.encode(isRawLines(data) ? stampLines(data, () => this.stamp()) : data);
  }

  /**
   * @throws SinkError or an `AbortError` if the sink failed: InfluxDB was not asked
   * @throws what `send` threw, with the receipt as its `backup`: see `BackedUp`
   */
  async write<T>(
    to: Omit<Partition, 'instance'>,
    encoded: EncodedLines,
    send: (signal: AbortSignal) => Promise<T>,
    options: WriteOptions = {},
  ): Promise<TeeResult<T>> {
    this.counters.writes += 1;
    const partition = { ...to, instance: this.#options.instance };
    const { receipt, failure } = await this.#backUp(partition, encoded, options);
    try {
      return { receipt, answer: await answeredWithin(this.#options.influxTimeoutMs, options.signal, send) };
    } catch (thrown) {
      const error = asError(thrown);
      this.counters.influxErrors += 1;
      this.counters.lastInfluxError = error;
      this.#sink.logger.warn({ err: error, ...partition, lines: encoded.lines }, 'InfluxDB failed a write');
      if (failure !== undefined) throw error; // Neither side has the points: nothing is there to resolve with.
      if (this.#options.onInfluxError === 'reject' || options.signal?.aborted) throw withBackup(error, receipt);
      return { receipt, answer: undefined };
    }
  }

  async #backUp(partition: Partition, encoded: EncodedLines, options: WriteOptions): Promise<Backup> {
    try {
      const receipt = await this.#sink.append(partition, encoded, options);
      // A sink or a call that acks `buffered` still has to be durable before InfluxDB is asked.
      if (receipt.ack === 'buffered') await receipt.reached('spooled', signalOf(options));
      return { receipt, failure: undefined };
    } catch (thrown) {
      const error = asError(thrown);
      if (options.signal?.aborted || (error instanceof SinkError && callersFaults.has(error.code))) throw error;
      this.counters.sinkErrors += 1;
      this.counters.lastSinkError = error;
      const goesOn = this.#options.onSinkError === 'continue';
      this.#sink.logger.error(
        { err: error, ...partition, lines: encoded.lines },
        goesOn ? 'writing to InfluxDB without a backup' : 'the backup failed; InfluxDB was not asked',
      );
      if (!goesOn) throw error;
      this.counters.withoutBackup += 1;
      return { receipt: noReceipt(error), failure: error };
    }
  }
}

function isRawLines(data: readonly Point[] | RawLines): data is RawLines {
  return typeof data === 'object' && data !== null && 'lines' in data;
}

type Backup = { readonly receipt: Receipt; readonly failure: Error | undefined };

/** For a write that went on without a backup: nothing was taken, and no level is ever reached. */
function noReceipt(error: Error): Receipt {
  return { lines: 0, bytes: 0, quarantined: 0, ack: 'buffered', reached: () => Promise.reject(error) };
}

function signalOf({ signal }: WriteOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
