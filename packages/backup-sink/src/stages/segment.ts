import { type SinkError, unwritable } from '../errors';
import type { Slots } from '../scheduling/slots';
import { SpoolFile } from '../spool/files/spool-file';
import type { SpoolPartition } from '../spool/layout';
import { type NameIssuer, utcDayNumber } from '../spool/names';
import type { BufferPool } from '../spool/segment/buffer-pool';
import { type Frame, FrameQueue, type SegmentLines } from '../spool/segment/frame-queue';
import type { SegmentHeaders } from '../spool/segment/header';
import { type SegmentDisk, SegmentFile } from '../spool/segment/segment-file';
import type { SpoolWork } from '../spool/spool-work';
import type { AckQueue } from '../write/ack-queue';

/** What the segments of all partitions share. */
export interface SegmentParts extends SpoolWork {
  readonly disk: SegmentDisk;
  readonly names: NameIssuer;
  /** Formats the annotated header, up to the first frame. */
  readonly header: SegmentHeaders;
  /** Limits how many partitions write and fsync at once. */
  readonly commits: Slots;
  /** Limits how many segments are closed and renamed at once. */
  readonly seals: Slots;
  readonly buffers: BufferPool;
  readonly acks: AckQueue;
  readonly segmentBytesMax: number;
  readonly segmentAgeMsMax: number;
  /** Takes each sealed file on. */
  onSealed(file: SpoolFile): void;
}

/** The header of a file names its policies, and its size is bounded. */
const policiesMax = 256;

/**
 * The third stage: the open segment of one partition, with group commit. While one frame is written and fsynced, every write that comes
 * in joins the next, which is written while the fsync still runs if it is full. So any number of writers share an fsync, and acks
 * and lines keep the order of the calls.
 *
 * After a failed or short write or a failed fsync nothing is known of the file's tail (the kernel may have dropped the
 * pages and report the next fsync as a success), so that segment is never written to again: it is sealed at its last
 * committed frame, and the next frame opens another.
 */
export class PartitionSegments {
  readonly partition: SpoolPartition;
  readonly #parts: SegmentParts;
  readonly #queue: FrameQueue;
  /** The frame that is being written; it takes no more lines. */
  #writing: Frame | undefined;
  /** The frame behind it, if it was written ahead. */
  #ahead: Frame | undefined;
  #segment: SegmentFile | undefined;
  #file: SpoolFile | undefined;
  #sealBeforeMs = Infinity;
  #sequence = 0n;
  #working = false;
  /** What must settle before the next frame is written. */
  #after: Promise<unknown> | undefined;
  /** The policies of the open segment, in a partition of several. */
  readonly #policies = new Set<string>();
  readonly #sealing = new Set<Promise<void>>();

  constructor(partition: SpoolPartition, parts: SegmentParts) {
    this.partition = partition;
    this.#parts = parts;
    this.#queue = new FrameQueue(parts.buffers, parts.clock, parts.segmentBytesMax);
  }

  /** Copies the lines; resolves with their file when they are durable. */
  append(lines: SegmentLines): Promise<SpoolFile> {
    const appended = this.#queue.add(lines);
    if (this.#working) this.#writeAhead();
    else void this.#work();
    return appended;
  }

  /**
   * Writes nothing before this has settled: what was appended to other partitions before, and may be of the same policy, is then in files
   * that sort before those of this one.
   */
  startAfter(settled: Promise<unknown>): void {
    this.#after = Promise.allSettled([this.#after, settled]);
  }

  /** Seals the file that holds the lines appended so far; resolves when they are durable or failed, and all their files are on their way. */
  async seal(): Promise<void> {
    const last = this.#queue.newest ?? this.#ahead ?? this.#writing;
    if (last === undefined) {
      this.#retire();
    } else {
      last.sealAfter = true;
      await new Promise<void>((resolve) => last.settled.push(resolve));
    }
    await Promise.all(this.#sealing);
  }

  /** Rejects the writes that the disk has not answered yet. What it does with them later changes nothing for their callers. */
  abandon(error: SinkError): void {
    const frames = [this.#writing, this.#ahead, ...this.#queue.waiting];
    for (const { commits } of frames.filter((frame) => frame !== undefined))
      for (const commit of commits) commit.reject(error);
  }

  /** Seals this file, if it is still open, at the next `sealIfDue` after `beforeMs`. */
  sealSoon(file: SpoolFile, beforeMs: number): void {
    if (file === this.#file) this.#sealBeforeMs = Math.min(this.#sealBeforeMs, beforeMs);
  }

  /** Seals the open file if its age, the UTC day or a waiter asks for it. */
  sealIfDue(): void {
    if (!this.#working && this.#isDue()) this.#retire();
  }

  /** When the oldest lines that are not durable yet came, in ms of the steady clock; `undefined` if there are none. */
  get oldestInMemoryMs(): number | undefined {
    return (this.#writing ?? this.#ahead ?? this.#queue.waiting[0])?.sinceMs;
  }

  get isOpen(): boolean {
    return this.#segment !== undefined || this.#working;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#ahead !== undefined || !this.#queue.isEmpty) {
      if (this.#after !== undefined) await this.#othersSettled();
      await this.#parts.commits.run(async () => {
        const frame = this.#ahead ?? this.#queue.take();
        this.#ahead = undefined;
        this.#writing = frame;
        if (frame !== undefined) await this.#commit(frame);
      });
    }
    this.#working = false;
  }

  async #othersSettled(): Promise<void> {
    for (let after = this.#after; after !== undefined; after = this.#after) {
      await after;
      if (after === this.#after) this.#after = undefined;
    }
  }

  async #commit(frame: Frame): Promise<void> {
    const { acks } = this.#parts;
    if (this.#segment?.holdsAhead(frame.buffer) !== true && this.#isFullFor(frame)) this.#retire();
    const segment = this.#segment ?? this.#open();
    this.#segment = segment;
    for (const policy of frame.policies ?? []) this.#policies.add(policy);
    try {
      await segment.append(frame.buffer, () => this.#writeAhead());
      await this.#parts.lock.assertHeld(); // else the recovery of another sink did not see the frame: it must not be acked
      const file = this.#committed(segment, frame);
      if (frame.sealAfter) this.#retire();
      for (const commit of frame.commits) acks.add(() => commit.resolve(file));
    } catch (thrown) {
      await this.#failed(segment, frame, thrown);
    }
    frame.buffer.release();
    this.#writing = undefined; // now: a later seal() would wait for a frame that has settled
    for (const settled of frame.settled) acks.add(settled);
  }

  /** Writes the next frame behind the one that is fsynced, if it is full: another would rather take more lines until then. */
  #writeAhead(): void {
    const next = this.#queue.full;
    if (next === undefined || next.policies !== undefined) return;
    if (this.#segment?.takesOneAhead !== true || this.#after !== undefined || this.#writing?.sealAfter === true) return;
    if (this.#isFullFor(next)) return;
    this.#ahead = this.#queue.take();
    this.#segment.writeAhead(next.buffer);
  }

  #isFullFor({ buffer, policies }: Frame): boolean {
    return this.#isDue(buffer.bytes) || this.#policies.size + (policies?.size ?? 0) > policiesMax;
  }

  #open(): SegmentFile {
    const { disk, names, clock } = this.#parts;
    const header = this.#parts.header(this.partition, this.#sequence + 1n);
    return new SegmentFile(disk, this.partition, { id: names.issue(), openedMs: clock.now(), header });
  }

  /** A sequence number counts only from the first committed frame on: a number without a file would look like a lost file. */
  #committed(segment: SegmentFile, frame: Frame): SpoolFile {
    const { backlog } = this.#parts;
    if (this.#file === undefined) {
      this.#sequence += 1n;
      const { id, path } = segment;
      this.#file = SpoolFile.open({ partition: this.partition, id, path, sinceMs: frame.sinceMs });
      backlog.add(this.#file);
    }
    this.#file.append(frame.commits, segment.committedBytes);
    return this.#file;
  }

  async #failed(segment: SegmentFile, frame: Frame, thrown: unknown): Promise<void> {
    const error = unwritable(segment.path, thrown);
    this.#retire();
    await this.#parts.disk.directories.forgetIfMissing(this.partition.directory);
    const lines = frame.commits.reduce((sum, commit) => sum + commit.lines, 0);
    this.#parts.reporter.failed(error, segment.path, lines);
    for (const commit of frame.commits) this.#parts.acks.add(() => commit.reject(error));
  }

  #isDue(moreBytes = 0): boolean {
    const { clock, names, segmentBytesMax, segmentAgeMsMax } = this.#parts;
    const segment = this.#segment;
    if (segment === undefined) return false;
    return (
      segment.writtenBytes + moreBytes > segmentBytesMax ||
      clock.now() >= Math.min(segment.openedMs + segmentAgeMsMax, this.#sealBeforeMs) ||
      utcDayNumber(segment.nameMs) !== utcDayNumber(names.nextMs())
    );
  }

  /** Lets the next frame open another segment, while this one is sealed. */
  #retire(): void {
    const segment = this.#segment;
    const file = this.#file;
    this.#segment = undefined;
    this.#file = undefined;
    this.#sealBeforeMs = Infinity;
    this.#policies.clear();
    if (segment === undefined) return;
    const sealing = this.#seal(segment, file).finally(() => this.#sealing.delete(sealing));
    this.#sealing.add(sealing);
  }

  /** A segment that cannot be renamed is compressed under the name it has. */
  async #seal(segment: SegmentFile, file: SpoolFile | undefined): Promise<void> {
    const { lock, reporter } = this.#parts;
    file?.seal();
    try {
      await this.#parts.seals.run(async () => {
        await lock.assertHeld();
        await segment.seal();
      });
    } catch (thrown) {
      reporter.failed(thrown, segment.path);
    }
    if (file === undefined) return;
    file.nameSealed(segment.path);
    const { partition, path, lines, sizeBytes } = file;
    reporter.emit('sealed', { partition, path, lines, bytes: sizeBytes });
    this.#parts.onSealed(file);
  }
}
