import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { orAborted, withDeadline } from '@ceres/internal';
import type { Partition } from '@ceres/storage';
import type { SinkError } from './errors';
import { oldestInMemory } from './ledger/oldest-in-memory';
import type { CheckedLines } from './lines/checked-lines';
import { Stamper } from './lines/stamper';
import { type ResolvedOptions, reserveBytes } from './options/sink-options';
import type { WriteOptions } from './options/write-options';
import type { Reporter } from './report/reporter';
import { collectStats, type SinkStats } from './report/stats';
import { Slots } from './scheduling/slots';
import { steadyClock } from './scheduling/steady-clock';
import { Sweep } from './scheduling/sweep';
import { nextTurn } from './scheduling/turns';
import { Backlog } from './spool/files/backlog';
import type { SpoolFile } from './spool/files/spool-file';
import type { OpenSpool } from './spool/open-spool';
import { BufferPool } from './spool/segment/buffer-pool';
import { segmentHeaders } from './spool/segment/header';
import { OpenFiles } from './spool/segment/open-files';
import type { SpoolWork } from './spool/spool-work';
import { createEncoder, type Encoder } from './stages/encode';
import { Partitions } from './stages/partition';
import { PartitionSegments } from './stages/segment';
import { Storing } from './storing';
import { AckQueue } from './write/ack-queue';
import { Admission } from './write/admission';
import type { Receipt } from './write/receipt';
import { SpellingsByDatabase } from './write/spellings';
import { Writes } from './write/writes';

/**
 * The number of partitions that write and fsync at once: more than libuv's four threads, so that these never wait for the event loop and
 * files share commits of the file system (16 reach twice what 4 do); not many more, because a block of gzip waits behind all of them.
 */
const commitsAtOnce = 16;

/** The number of segments that are closed and renamed at once: of thousands, as many would become ready in one turn of the event loop. */
const sealsAtOnce = 32;

/** The number of partitions that are asked to seal in one turn of the event loop. */
const sealsPerTurn = 64;

/** The time that the last heartbeat gets when `close()` has no time left. */
const lastHeartbeatMs = 1_000;

/**
 * The write path, composed. A stage imports no other stage; they meet here.
 *
 *     write() ─▶ encode ▶ partition ▶ segment (spool, fsync) ─▶ ack
 *                                        └─▶ compress ▶ upload ▶ record (ledger, fsync) ▶ discard
 */
export class Pipeline {
  readonly stamper: Stamper;
  readonly encoder: Encoder;
  readonly #partitions: Partitions<PartitionSegments>;
  readonly #spellings: SpellingsByDatabase<PartitionSegments>;
  readonly #storing: Storing;

  readonly #admission: Admission;
  readonly #writes: Writes;
  readonly #sweep = new Sweep(() => this.#tidy());
  readonly #files: OpenFiles;
  readonly #work: SpoolWork;
  readonly #stop = new AbortController();
  readonly #end = new AbortController(); // aborts when nothing may wait any more, not even for a disk that does not answer

  constructor(options: ResolvedOptions, spool: OpenSpool, reporter: Reporter) {
    setMaxListeners(0, this.#stop.signal, this.#end.signal); // every file on its way listens, and every flush()
    const clock = steadyClock(options.clock);
    const backlog = new Backlog(
      () => this.#admission.wake(),
      ({ partition }) => this.#storing.know(partition.instance),
    );
    const work = { disk: spool.disk, lock: spool.lock, clock, backlog, reporter, signal: this.#stop.signal };
    this.#work = work;
    const writer = randomUUID();
    this.#files = new OpenFiles(options.fs, options.openFilesMax, reporter);
    this.stamper = new Stamper(() => options.clock.now(), options.precision);

    // encode ▶ partition ▶ segment
    this.encoder = createEncoder(options, this.stamper);
    const { spoolDir, policies } = options;
    const disk = { ...spool.disk, spoolDir, device: spool.lock.device, files: this.#files };
    const segmentParts = {
      ...work,
      disk,
      names: spool.names,
      header: segmentHeaders(options, writer, reporter),
      commits: new Slots(commitsAtOnce),
      seals: new Slots(sealsAtOnce),
      buffers: new BufferPool(),
      acks: new AckQueue(),
      segmentBytesMax: options.segmentBytesMax,
      segmentAgeMsMax: options.segmentAgeMsMax,
      onSealed: (file: SpoolFile) => this.#storing.start(file),
    };
    this.#partitions = new Partitions(spoolDir, (partition) => new PartitionSegments(partition, segmentParts));
    this.#spellings = new SpellingsByDatabase({ partitions: this.#partitions, policies, reporter, spoolDir });

    // compress ▶ upload ▶ record ▶ discard
    const oldestInMemoryMs = (instance: string) => oldestInMemory(this.#partitions.all(), instance);
    const isQuiet = () => this.#writes.areQuiet;
    this.#storing = new Storing(options, spool, { ...work, disk, writer, oldestInMemoryMs, isQuiet });

    // who may write, and when the write is acked
    this.#admission = new Admission({
      bufferedBytesMax: options.bufferedBytesMax,
      spoolBytesMax: options.spoolBytesMax - reserveBytes(options),
      onSpoolFull: options.onSpoolFull,
      spooledBytes: () => backlog.spooledBytes,
      spoolFull: () => this.#drainForRoom(),
    });
    this.#writes = new Writes({
      admission: this.#admission,
      partitions: this.#partitions,
      spellings: this.#spellings,
      backlog,
      clock,
      ack: options.ack,
      opening: () => this.#sweep.keepAlive(),
    });

    for (const file of spool.files) backlog.add(file);
    for (const file of spool.files) this.#storing.start(file);
  }

  /** @throws SinkError `INVALID_NAME` */
  checkNames(partition: Partition): void {
    this.#spellings.of(partition).check(partition.retentionPolicy ?? '');
  }

  /** Resolves with the receipt once the lines have come as far as the ack asks for. */
  async append(
    partition: Partition,
    lines: CheckedLines | Promise<CheckedLines>,
    options: WriteOptions,
  ): Promise<Receipt> {
    return await this.#writes.append(partition, lines, options);
  }

  stats(): SinkStats {
    const { backlog, clock, reporter } = this.#work;
    return collectStats(backlog, this.#writes.accepted, clock, reporter.lastError);
  }

  /**
   * Seals what is open, and resolves when everything appended before is stored.
   *
   * @throws what a file's storing failed with; the signal's reason
   */
  async flush(signal: AbortSignal | undefined): Promise<void> {
    const { backlog } = this.#work;
    this.#admission.assertOpen(); // in a closed sink, files would leave the parking place and not be put
    this.#storing.retryParked('all');
    await orAborted(orAborted(this.#sealAll(), signal), this.#end.signal);
    const files = backlog.files().filter(({ state }) => state !== 'open');
    const outcomes = await orAborted(Promise.allSettled(files.map((file) => backlog.whenStored(file))), signal);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
  }

  /** Refuses writes from now on, and stores what it can within `timeoutMs`. */
  async storeWithin(timeoutMs: number, closed: SinkError): Promise<void> {
    this.#admission.close(closed);
    const endMs = performance.now() + timeoutMs;
    const stored = () => this.#sealAll().then(() => this.#storing.settled());
    await withDeadline({ ms: timeoutMs, error: () => closed }, stored).catch(() => undefined); // what is late stays in the spool, and stats() counts it
    await this.#storing.sayLast(Math.max(endMs - performance.now(), lastHeartbeatMs));
  }

  /** Stops storing. Resolves when the disk is left alone, which is when its last call has returned. */
  async leaveDisk(closed: SinkError): Promise<void> {
    this.#stop.abort(closed);
    await this.#sealAll();
    await this.#storing.idle();
    this.endWaiting(closed);
    await this.#files.closeAll();
  }

  /** Rejects every call that still waits, also for a disk that does not answer. */
  endWaiting(closed: SinkError): void {
    this.#end.abort(closed);
    this.#work.backlog.abandon(closed);
    this.#sweep.stop();
    for (const segments of this.#partitions.all()) segments.abandon(closed);
  }

  /** Stops at once: nothing may be acked, stored or removed, since the files belong to another sink now. */
  abandon(error: SinkError): void {
    this.#admission.close(error);
    this.#stop.abort(error);
    this.#end.abort(error);
    this.#work.backlog.abandon(error);
  }

  async #sealAll(): Promise<void> {
    const sealing: Promise<void>[] = [];
    for (const segments of this.#partitions.all()) {
      sealing.push(segments.seal());
      if (sealing.length % sealsPerTurn === 0) await nextTurn();
    }
    await Promise.all(sealing);
  }

  /** Seals what is open, so that it can be stored and make room. */
  #drainForRoom(): void {
    const { backlog, reporter } = this.#work;
    reporter.emit('full', { spooledBytes: backlog.spooledBytes });
    void this.#sealAll();
  }

  /** Seals and retries what is due; returns `true` while something is open. */
  #tidy(): boolean {
    this.#storing.retryParked('due');
    this.#storing.tick();
    let isOpen = false;
    for (const segments of this.#partitions.all()) {
      segments.sealIfDue();
      isOpen ||= segments.isOpen;
    }
    return isOpen;
  }
}
