import { emptySummary, joinSummaries } from '@ceres/lineproto/internal';
import type { Clock } from '@ceres/storage';
import { type SinkError, unwritable } from '../errors';
import type { Slots } from '../scheduling/slots';
import type { Backlog, SpoolFile } from '../spool/files/backlog';
import type { SpoolPartition } from '../spool/layout';
import { type NameIssuer, utcDayNumber } from '../spool/names';
import type { BufferPool } from '../spool/segment/buffer-pool';
import { type Frame, FrameQueue, type SegmentLines } from '../spool/segment/frame-queue';
import { type SegmentDisk, SegmentFile } from '../spool/segment/segment-file';
import type { AckQueue } from '../write/ack-queue';

/** What the segments of all partitions share. */
export interface SegmentEnvironment {
  readonly disk: SegmentDisk;
  readonly clock: Clock;
  readonly names: NameIssuer;
  readonly backlog: Backlog;
  /** How many partitions may write and fsync at once. */
  readonly commits: Slots;
  readonly buffers: BufferPool;
  readonly acks: AckQueue;
  readonly segmentBytesMax: number;
  readonly segmentAgeMsMax: number;
  /** Rejects once another sink took the spool over: its recovery did not see what is written now, so it must not be acked. */
  assertOwned(): Promise<void>;
  /** The annotated header, up to the first frame. */
  header(partition: SpoolPartition, sequence: bigint): string;
  /** Hands on a sealed file. */
  sealed(file: SpoolFile): void;
  /** Told of every fault, beside the writes that it rejects. */
  failed(error: SinkError, what: { readonly path: string; readonly lines: number }): void;
}

/**
 * The open segment of one partition, with group commit: while one frame is written and fsynced, every write that comes
 * in joins the next. So any number of writers share an fsync, and acks and lines keep the order of the calls.
 *
 * After a failed or short write or a failed fsync nothing is known of the file's tail (the kernel may have dropped the
 * pages and call the next fsync a success), so that segment is never written to again: it is sealed at its last
 * committed frame, and the next frame opens another.
 */
export class PartitionSegments {
  readonly partition: SpoolPartition;
  readonly #shared: SegmentEnvironment;
  readonly #queue: FrameQueue;
  /** Being written; it takes no more lines. */
  #writing: Frame | undefined;
  #segment: SegmentFile | undefined;
  #file: SpoolFile | undefined;
  #sealBeforeMs = Infinity;
  #sequence = 0n;
  #working = false;
  readonly #sealing = new Set<Promise<void>>();

  constructor(partition: SpoolPartition, shared: SegmentEnvironment) {
    this.partition = partition;
    this.#shared = shared;
    this.#queue = new FrameQueue(shared.buffers, shared.segmentBytesMax);
  }

  /** Copies the lines; resolves with their file when they are durable. */
  append(lines: SegmentLines): Promise<SpoolFile> {
    const appended = this.#queue.add(lines);
    if (!this.#working) void this.#work();
    return appended;
  }

  /** Seals what holds the lines appended so far; resolves when they are settled and every file of theirs is on its way. */
  async seal(): Promise<void> {
    const last = this.#queue.newest ?? this.#writing;
    if (last === undefined) {
      this.#retire();
    } else {
      last.sealAfter = true;
      await new Promise<void>((resolve) => last.settled.push(resolve));
    }
    await Promise.all(this.#sealing);
  }

  /** Seals this file, if it is still open, at the next `sealIfDue` after `beforeMs`. */
  sealSoon(file: SpoolFile, beforeMs: number): void {
    if (file === this.#file) this.#sealBeforeMs = Math.min(this.#sealBeforeMs, beforeMs);
  }

  /** By age, UTC day, or a waiter. */
  sealIfDue(): void {
    if (!this.#working && this.#isDue()) this.#retire();
  }

  get isOpen(): boolean {
    return this.#segment !== undefined || this.#working;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (!this.#queue.isEmpty) {
      await this.#shared.commits.run(async () => {
        const frame = this.#queue.take();
        this.#writing = frame;
        if (frame !== undefined) await this.#commit(frame);
      });
    }
    this.#working = false;
  }

  async #commit(frame: Frame): Promise<void> {
    const { acks } = this.#shared;
    if (this.#isDue(frame.buffer.bytes)) this.#retire();
    const segment = this.#segment ?? this.#open();
    this.#segment = segment;
    try {
      await segment.append(frame.buffer);
      await this.#shared.assertOwned();
      const file = this.#committed(segment, frame);
      if (frame.sealAfter) this.#retire();
      for (const commit of frame.commits) acks.add(() => commit.resolve(file));
    } catch (thrown) {
      await this.#failed(segment, frame, thrown);
    }
    frame.buffer.release();
    this.#writing = undefined; // before anybody can ask to be told: nobody would be
    for (const settled of frame.settled) acks.add(settled);
  }

  #open(): SegmentFile {
    const { disk, names, clock } = this.#shared;
    const header = this.#shared.header(this.partition, this.#sequence + 1n);
    return new SegmentFile(disk, this.partition, { id: names.issue(), openedMs: clock.now(), header });
  }

  /** A sequence number counts only from the first committed frame on: one that no file bears would look like a lost file. */
  #committed(segment: SegmentFile, frame: Frame): SpoolFile {
    const { backlog, clock } = this.#shared;
    const sizeBytes = segment.committedBytes;
    if (this.#file === undefined) {
      this.#sequence += 1n;
      const { partition } = this;
      const { id, path } = segment;
      this.#file = {
        ...{ partition, id, path, state: 'open', sizeBytes, tried: false },
        ...{ lines: 0, facts: emptySummary, sinceMs: clock.now() },
      };
      backlog.add(this.#file);
    } else {
      backlog.resize(this.#file, sizeBytes);
    }
    for (const { lines, facts } of frame.commits) {
      this.#file.lines += lines;
      this.#file.facts &&= facts && joinSummaries(this.#file.facts, facts);
    }
    return this.#file;
  }

  async #failed(segment: SegmentFile, frame: Frame, thrown: unknown): Promise<void> {
    const error = unwritable(segment.path, thrown);
    this.#retire();
    await this.#shared.disk.directories.forgetIfMissing(this.partition.directory);
    const lines = frame.commits.reduce((sum, commit) => sum + commit.lines, 0);
    this.#shared.failed(error, { path: segment.path, lines });
    for (const commit of frame.commits) this.#shared.acks.add(() => commit.reject(error));
  }

  #isDue(moreBytes = 0): boolean {
    const { clock, names, segmentBytesMax, segmentAgeMsMax } = this.#shared;
    const segment = this.#segment;
    if (segment === undefined) return false;
    return (
      segment.committedBytes + moreBytes > segmentBytesMax ||
      clock.now() >= Math.min(segment.openedMs + segmentAgeMsMax, this.#sealBeforeMs) ||
      utcDayNumber(segment.nameMs) !== utcDayNumber(names.nextMs())
    );
  }

  /** Nothing is appended any more: the next frame opens another segment, while this one is sealed. */
  #retire(): void {
    const segment = this.#segment;
    const file = this.#file;
    this.#segment = undefined;
    this.#file = undefined;
    this.#sealBeforeMs = Infinity;
    if (segment === undefined) return;
    const sealing = this.#seal(segment, file).finally(() => this.#sealing.delete(sealing));
    this.#sealing.add(sealing);
  }

  /** A segment that cannot be renamed is compressed under the name it has. */
  async #seal(segment: SegmentFile, file: SpoolFile | undefined): Promise<void> {
    if (file !== undefined) file.state = 'sealed';
    try {
      await this.#shared.assertOwned();
      await segment.seal();
    } catch (thrown) {
      this.#shared.failed(unwritable(segment.path, thrown), { path: segment.path, lines: 0 });
    }
    if (file === undefined) return;
    file.path = segment.path;
    this.#shared.sealed(file);
  }
}
