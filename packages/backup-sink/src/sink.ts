import { setMaxListeners } from 'node:events';
import { orAborted, withDeadline } from '@ceres/internal';
import type { Point, Precision } from '@ceres/lineproto';
import type { Clock, Partition } from '@ceres/storage';
import { Draining } from './draining';
import { SinkError } from './errors';
import { keptLines, registerInternals } from './internals';
import { Stamper } from './lines/stamper';
import { checkNames, checkSignal, checkTimeout, checkWrite } from './options/arguments';
import { type BackupSinkOptions, type ResolvedOptions, reserveBytes, resolveOptions } from './options/sink-options';
import type { WriteOptions } from './options/write-options';
import { createEnvironment } from './pipeline';
import { Reporter, type SinkEvents } from './report/reporter';
import { collectStats, type SinkStats } from './report/stats';
import { Sweep } from './scheduling/sweep';
import { Backlog, type SpoolFile } from './spool/files/backlog';
import { type OpenSpool, openSpool } from './spool/open-spool';
import type { OpenFiles } from './spool/segment/open-files';
import { Compressor } from './stages/compress';
import { createEncoder, type Encode, type RawLines } from './stages/encode';
import { Partitions } from './stages/partition';
import { PartitionSegments } from './stages/segment';
import { upload } from './stages/upload';
import { Admission } from './write/admission';
import type { Receipt } from './write/receipt';
import { Writes } from './write/writes';

/**
 * Backs up what is written to InfluxDB: when `write()` resolves, the lines survive the crash of process and host, and
 * reach the storage at least once.
 *
 * A sink that holds unstored lines keeps the process alive: `close()` it.
 */
export class BackupSink implements AsyncDisposable {
  readonly precision: Precision;
  readonly #options: ResolvedOptions;
  readonly #reporter: Reporter;
  readonly #spool: OpenSpool;
  readonly #clock: Clock;
  readonly #files: OpenFiles;
  readonly #backlog = new Backlog(() => this.#admission.wake());
  readonly #admission: Admission;
  readonly #encode: Encode;
  readonly #partitions: Partitions<PartitionSegments>;
  readonly #writes: Writes;
  readonly #compressor: Compressor;
  readonly #draining: Draining;
  readonly #sweep = new Sweep(() => this.#tidy());
  readonly #stop = new AbortController();
  #closing: Promise<{ readonly unstoredFiles: number }> | undefined;

  private constructor(options: ResolvedOptions, reporter: Reporter, spool: OpenSpool) {
    setMaxListeners(0, this.#stop.signal); // every file on its way listens
    this.precision = options.precision;
    this.#options = options;
    this.#reporter = reporter;
    this.#spool = spool;
    this.#admission = new Admission({
      bufferedBytesMax: options.bufferedBytesMax,
      spoolBytesMax: options.spoolBytesMax - reserveBytes(options),
      onSpoolFull: options.onSpoolFull,
      spooledBytes: () => this.#backlog.spooledBytes,
      spoolFull: () => this.#drainForRoom(),
    });

    const stamper = new Stamper(() => options.clock.now());
    const environment = createEnvironment(options, spool, this.#backlog, reporter, this.#stop.signal);
    const sealed = (file: SpoolFile) => this.#onSealed(file);
    this.#clock = environment.clock;
    this.#files = environment.files;

    // The picture: encode ▶ partition ▶ segment (spool, fsync) ▶ compress ▶ upload
    this.#encode = createEncoder(options, stamper);
    this.#partitions = new Partitions(
      options.spoolDir,
      (partition) => new PartitionSegments(partition, { ...environment, sealed }),
    );
    this.#compressor = new Compressor(environment);
    this.#draining = new Draining({
      ...environment,
      compress: (file) => this.#compressor.compress(file),
      upload: (file, { body }) => upload(file, body, environment),
    });

    this.#writes = new Writes({
      ...{ admission: this.#admission, partitions: this.#partitions, backlog: this.#backlog },
      ...{ clock: environment.clock, ack: options.ack },
      opening: () => this.#sweep.keepAlive(),
    });
    for (const file of spool.files) {
      this.#backlog.add(file);
      this.#draining.start(file);
    }
    registerInternals(this, {
      logger: options.logger,
      stamp: () => stamper.next(),
      encode: (data) => keptLines(this.#encode(data)),
      append: async (to, encoded, given = {}) => {
        checkWrite(to, given);
        return await this.#writes.append(to, encoded, given);
      },
    });
  }

  /**
   * Takes over the spool directory, and begins to store what an earlier run left there.
   *
   * @throws SinkError `INVALID_OPTIONS`, `SPOOL_LOCKED`, `SPOOL_NEWER` or `SPOOL_UNWRITABLE`
   */
  static async open(options: BackupSinkOptions): Promise<BackupSink> {
    const resolved = resolveOptions(options);
    const reporter = new Reporter(resolved.logger, resolved.spoolDir);
    let onLost = (_: SinkError): void => undefined;
    const spool = await openSpool(resolved, {
      unknown: (path) => reporter.tell('unknown', { path }),
      damaged: (path) => reporter.damage(path),
      failed: (error, path) => reporter.fault(error, path),
      lost: (error) => onLost(error),
    });
    const sink = new BackupSink(resolved, reporter, spool);
    onLost = (error) => sink.#onLost(error);
    return sink;
  }

  /**
   * Backs up points, or lines that are encoded already: all of a write, or nothing of it. Lines of one partition keep
   * the order of the calls.
   *
   * A write that failed with `SPOOL_UNWRITABLE` may be made again; after a crash it may turn out to be in the backup all
   * the same, whole.
   *
   * @throws SinkError `INVALID_NAME`, `INVALID_DATA`, `SPOOL_FULL`, `SPOOL_UNWRITABLE`, `SPOOL_LOCKED`, `CLOSED`; with ack `stored`
   * also `PARKED`; `INVALID_OPTIONS`; the signal's reason
   */
  async write(partition: Partition, data: readonly Point[] | RawLines, options: WriteOptions = {}): Promise<Receipt> {
    checkWrite(partition, options); // the names are judged before the data
    this.#partitions.get(partition, false);
    return await this.#writes.append(partition, this.#encode(data), options);
  }

  /**
   * Seals what is open; resolves when everything whose `write()` has resolved is stored. Parked files are tried again.
   *
   * @throws SinkError `PARKED` if the storage still refuses a file, once all others are stored; `SPOOL_UNWRITABLE` if the disk
   * kept nothing of one; `SPOOL_LOCKED`, `CLOSED`; `INVALID_OPTIONS`; the signal's reason
   */
  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    checkNames('BackupSink.flush()', options, ['signal']);
    const { signal } = options;
    checkSignal('BackupSink.flush()', signal);
    signal?.throwIfAborted();
    this.#admission.assertOpen(); // or files would be un-parked that nobody puts any more
    this.#draining.retryParked('all');
    await this.#sealAll();
    const files = this.#backlog.files().filter(({ state }) => state !== 'open');
    const stored = Promise.allSettled(files.map((file) => this.#backlog.whenStored(file)));
    const outcomes = await orAborted(stored, signal);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
  }

  /**
   * Refuses new writes, finishes those in hand, seals, and stores what it can within `timeoutMs` (default 25,000: a
   * container is killed 30 s after SIGTERM; `Infinity` waits for ever). What is not stored by then stays in the spool for
   * the next open.
   *
   * @throws SinkError `INVALID_OPTIONS`
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<{ readonly unstoredFiles: number }> {
    checkNames('BackupSink.close()', options, ['timeoutMs']);
    const { timeoutMs = 25_000 } = options;
    checkTimeout('BackupSink.close()', timeoutMs);
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  stats(): SinkStats {
    return collectStats(this.#backlog, this.#writes.accepted, this.#clock, this.#reporter.lastError);
  }

  /** Events are for watching: nothing depends on a listener. */
  on<K extends keyof SinkEvents>(name: K, listener: (event: SinkEvents[K]) => void): this {
    this.#reporter.on(name, listener);
    return this;
  }

  off<K extends keyof SinkEvents>(name: K, listener: (event: SinkEvents[K]) => void): this {
    this.#reporter.off(name, listener);
    return this;
  }

  async #close(timeoutMs: number): Promise<{ readonly unstoredFiles: number }> {
    const closed = new SinkError('CLOSED', `The sink of ${this.#options.spoolDir} is closed.`);
    this.#admission.close(closed);
    const stored = () => this.#sealAll().then(() => this.#draining.idle());
    await withDeadline({ ms: timeoutMs, error: () => closed }, stored).catch(() => undefined); // what is late stays in the spool, and is counted below
    this.#stop.abort(closed);
    await this.#sealAll();
    await Promise.all([this.#draining.idle(), this.#compressor.idle()]);
    this.#backlog.abandon(closed);
    this.#sweep.stop();
    await this.#files.closeAll();
    try {
      await this.#spool.lock.release();
    } catch (error) {
      this.#reporter.fault(error, this.#options.spoolDir);
    }
    return { unstoredFiles: this.stats().unstoredFiles };
  }

  async #sealAll(): Promise<void> {
    await Promise.all([...this.#partitions.all()].map((segments) => segments.seal()));
  }

  #onSealed(file: SpoolFile): void {
    const { partition, path, lines, sizeBytes } = file;
    this.#reporter.tell('sealed', { partition, path, lines, bytes: sizeBytes });
    this.#draining.start(file);
  }

  /** What is open is sealed, so that it can be stored and make room. */
  #drainForRoom(): void {
    this.#reporter.tell('full', { spooledBytes: this.#backlog.spooledBytes });
    void this.#sealAll();
  }

  #tidy(): boolean {
    this.#draining.retryParked('due');
    let isOpen = false;
    for (const segments of this.#partitions.all()) {
      segments.sealIfDue();
      isOpen ||= segments.isOpen;
    }
    return isOpen;
  }

  /** Nothing may be acked, stored or removed any more: the files are another sink's. */
  #onLost(error: SinkError): void {
    this.#admission.close(error);
    this.#stop.abort(error);
    this.#backlog.abandon(error);
    this.#reporter.tell('lost', { error });
  }
}
