import { withDeadline } from '@ceres/internal';
import type { Point, Precision } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';
import { SinkError } from './errors';
import { keptLines, registerInternals } from './internals';
import { check, checkedSignal, checkTimeout } from './options/check';
import { type BackupSinkOptions, type ResolvedOptions, resolveOptions } from './options/sink-options';
import { checkWrite, type WriteOptions } from './options/write-options';
import { Pipeline } from './pipeline';
import { warnWhenNotStored } from './report/not-stored';
import { Reporter, type SinkEvents } from './report/reporter';
import type { SinkStats } from './report/stats';
import { type OpenSpool, openSpool } from './spool/open-spool';
import { OwnFiles } from './spool/own-files';
import type { RawLines } from './stages/encode';
import type { Receipt } from './write/receipt';

/** The time for calls to the disk that are on their way when `close()` stops. With the default of `timeoutMs` it ends before a container is killed. */
const graceMs = 3_000;

function stillBusy(spoolDir: string): SinkError {
  return new SinkError(
    'SPOOL_UNWRITABLE',
    `The disk of ${spoolDir} has not answered for ${graceMs} ms while the sink closed: the spool stays locked until it does, or until this process ends. Check the disk; what was acked is in the spool.`,
  );
}

/**
 * Backs up what is written to InfluxDB: when `write()` resolves, the lines survive the crash of process and host, and
 * reach the storage at least once.
 *
 * A sink that holds open segments keeps the process alive: `close()` it.
 */
export class BackupSink implements AsyncDisposable {
  readonly precision: Precision;
  readonly #spoolDir: string;
  readonly #reporter: Reporter;
  readonly #spool: OpenSpool;
  readonly #pipeline: Pipeline;
  readonly #ownFiles: OwnFiles;
  #closing: Promise<{ readonly unstoredFiles: number }> | undefined;

  private constructor(options: ResolvedOptions, reporter: Reporter, spool: OpenSpool) {
    this.precision = options.precision;
    this.#spoolDir = options.spoolDir;
    this.#reporter = reporter;
    this.#spool = spool;
    const pipeline = new Pipeline(options, spool, reporter);
    this.#pipeline = pipeline;
    this.#ownFiles = new OwnFiles(spool.disk, spool.own.path, spool.lock);
    registerInternals(this, {
      precision: options.precision,
      logger: options.logger,
      clock: options.clock,
      ownFiles: this.#ownFiles,
      stamp: (unit) => pipeline.stamper.next(unit),
      encode: (data) => keptLines(pipeline.encoder.encode(data)),
      encodeIfGood: (points, precision) => {
        const good = pipeline.encoder.encodeIfGood(points, precision);
        return good && keptLines(good);
      },
      encodeInSlices: (data, stampsIn) => {
        const lines = pipeline.encoder.encodeInSlices(data, stampsIn);
        return lines instanceof Promise ? lines.then(keptLines) : keptLines(lines);
      },
      append: async (to, encoded, given = {}) => {
        checkWrite(to, given);
        return await pipeline.append(to, encoded, given);
      },
    });
  }

  /**
   * Takes over the spool directory, and starts to store what an earlier run left there.
   *
   * @throws SinkError `INVALID_OPTIONS`, `SPOOL_LOCKED`, `SPOOL_NEWER` or `SPOOL_UNWRITABLE`
   */
  static async open(options: BackupSinkOptions): Promise<BackupSink> {
    const resolved = resolveOptions(options);
    const reporter = new Reporter(resolved.logger, resolved.spoolDir);
    if (options.logger === undefined) warnWhenNotStored(reporter, resolved.spoolDir, resolved.clock);
    let onLost = (_: SinkError): void => undefined;
    const spool = await openSpool(resolved, reporter, (error) => onLost(error));
    const sink = new BackupSink(resolved, reporter, spool);
    onLost = (error) => sink.#onLost(error);
    return sink;
  }

  /**
   * Backs up points, or lines that are already encoded: all of a write, or nothing of it. Lines of one partition keep
   * the order of the calls.
   *
   * Long raw lines and many points are encoded in slices, so that the event loop is never kept for long: do not change them before
   * the promise settles.
   *
   * A write that failed with `SPOOL_UNWRITABLE` may be made again; after a crash, all of it may turn out to be in the backup.
   *
   * @throws SinkError `INVALID_NAME`, `INVALID_DATA`, `SPOOL_FULL`, `SPOOL_UNWRITABLE`, `SPOOL_LOCKED`, `CLOSED`; with ack `stored`
   * also `PARKED`; `INVALID_OPTIONS`; the signal's reason
   */
  async write(partition: Partition, data: readonly Point[] | RawLines, options: WriteOptions = {}): Promise<Receipt> {
    checkWrite(partition, options); // the names are checked before the data
    this.#pipeline.checkNames(partition);
    return await this.#pipeline.append(partition, this.#pipeline.encoder.encodeInSlices(data, 'ns'), options);
  }

  /**
   * Seals what is open; resolves when everything whose `write()` has resolved is stored. Parked files are retried.
   *
   * @throws SinkError `PARKED` if the storage still refuses a file, once all others are stored; `SPOOL_UNWRITABLE` if the disk
   * kept nothing of one; `SPOOL_LOCKED`, `CLOSED`; `INVALID_OPTIONS`; the signal's reason
   */
  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#pipeline.flush(checkedSignal('BackupSink.flush()', options));
  }

  /**
   * Refuses new writes, finishes those in progress, seals, and stores what it can within `timeoutMs` (default 25,000: a
   * container is killed 30 s after SIGTERM; `Infinity` waits until all is stored). What is not stored by then stays in the spool for
   * the next open.
   *
   * Calls to the disk that are still on their way get 3 s more. If one has not returned by then, this resolves all the same: writes that wait for it
   * reject with `CLOSED`, and the spool stays locked until the disk answers or the process ends.
   *
   * @throws SinkError `INVALID_OPTIONS`
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<{ readonly unstoredFiles: number }> {
    check.names('BackupSink.close()', options, ['timeoutMs']);
    const { timeoutMs = 25_000 } = options;
    checkTimeout(timeoutMs);
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  stats(): SinkStats {
    return this.#pipeline.stats();
  }

  /** Adds a listener. Events are for watching: nothing depends on what a listener does. */
  on<K extends keyof SinkEvents>(name: K, listener: (event: SinkEvents[K]) => void): this {
    this.#reporter.on(name, listener);
    return this;
  }

  off<K extends keyof SinkEvents>(name: K, listener: (event: SinkEvents[K]) => void): this {
    this.#reporter.off(name, listener);
    return this;
  }

  async #close(timeoutMs: number): Promise<{ readonly unstoredFiles: number }> {
    const closed = new SinkError('CLOSED', `The sink of ${this.#spoolDir} is closed. Open a new one.`);
    await this.#pipeline.storeWithin(timeoutMs, closed);
    const left = this.#leave(closed);
    await withDeadline({ ms: graceMs, error: () => stillBusy(this.#spoolDir) }, () => left).catch((error: unknown) => {
      this.#pipeline.endWaiting(closed);
      this.#reporter.failed(error, this.#spoolDir);
    });
    return { unstoredFiles: this.stats().unstoredFiles };
  }

  /** Gives the spool to the next sink, but not before the disk is left alone. */
  async #leave(closed: SinkError): Promise<void> {
    await this.#pipeline.leaveDisk(closed);
    await this.#ownFiles.close();
    try {
      await this.#spool.lock.release();
    } catch (error) {
      this.#reporter.failed(error, this.#spoolDir);
    }
  }

  #onLost(error: SinkError): void {
    this.#pipeline.abandon(error);
    this.#reporter.emit('lost', { error });
  }
}
