import { orAborted } from '@ceres/internal';
import type { Clock, Partition } from '@ceres/storage';
import { type CheckedLines, copyOf } from '../lines/checked-lines';
import { formatRejects } from '../lines/quarantine';
import type { Ack, WriteOptions } from '../options/write-options';
import type { Accepted } from '../report/stats';
import type { Backlog } from '../spool/files/backlog';
import type { SpoolFile } from '../spool/files/spool-file';
import type { SegmentLines } from '../spool/segment/frame-queue';
import type { Partitions } from '../stages/partition';
import type { PartitionSegments } from '../stages/segment';
import type { Admission } from './admission';
import { makeReceipt, type Receipt } from './receipt';

/** What writes need. */
export interface WriteParts {
  readonly admission: Admission;
  readonly partitions: Partitions<PartitionSegments>;
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly ack: Ack;
  /** Is called before a segment may be opened. */
  opening(): void;
}

/** A part of a write, on its way to the disk. */
interface Part {
  readonly segments: PartitionSegments;
  readonly spooled: Promise<SpoolFile>;
}

/** The segments that a write goes to, and those of its refused records, if it has any. */
interface Targets {
  readonly good: PartitionSegments;
  readonly rejected: PartitionSegments | undefined;
}

/** Lets writes in, brings their lines into their partition's segment, and acks them. */
export class Writes {
  /** What became durable since open. */
  readonly accepted: { -readonly [K in keyof Accepted]: number } = { lines: 0, bytes: 0, quarantined: 0 };
  readonly #parts: WriteParts;
  /** The last write of each partition that is, or waits for one that is, still being encoded. */
  readonly #encoding = new Map<PartitionSegments, Promise<unknown>>();

  constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  /**
   * Appends lines, also those that are still being encoded. Those of one partition keep the order of the calls: what comes after a
   * large write waits until that is encoded.
   */
  async append(
    partition: Partition,
    lines: CheckedLines | Promise<CheckedLines>,
    options: WriteOptions,
  ): Promise<Receipt> {
    const segments = this.#parts.partitions.get(partition, false);
    const before = this.#encoding.get(segments);
    if (before === undefined && !(lines instanceof Promise)) return await this.#enter(partition, lines, options);
    const turn = Promise.allSettled([lines, before]);
    this.#encoding.set(segments, turn);
    const [encoded] = await turn;
    if (this.#encoding.get(segments) === turn) this.#encoding.delete(segments);
    if (encoded.status === 'rejected') throw encoded.reason;
    return await this.#enter(partition, encoded.value, options);
  }

  async #enter(partition: Partition, checked: CheckedLines, options: WriteOptions): Promise<Receipt> {
    const { admission } = this.#parts;
    const ack = options.ack ?? this.#parts.ack;
    const rejects = checked.rejects.length === 0 ? undefined : formatRejects(checked.rejects);
    const sizeBytes = checked.bytes.byteLength + (rejects?.byteLength ?? 0);
    const counts = {
      lines: checked.lines,
      bytes: checked.bytes.byteLength,
      quarantined: checked.rejects.length,
    };
    const targets = this.#targetsOf(partition, rejects !== undefined); // names are checked before room is taken
    let { bytes } = checked;
    const sent = admission.enter(sizeBytes, options.signal, () => {
      const parts = this.#send(targets, { ...checked, bytes }, rejects);
      const spooled = Promise.all(parts.map((part) => part.spooled)).finally(() => admission.leave(sizeBytes));
      spooled.then(
        () => this.#count(counts),
        () => undefined, // the segment reported it, and the receipt rejects with it
      );
      return { parts, spooled };
    });
    if (sent instanceof Promise && !checked.isOwned) bytes = copyOf(bytes); // the encoder's next call would overwrite them
    const { parts, spooled } = await sent;

    const stored = (signal?: AbortSignal) => this.#stored(parts, signal);
    const receipt = makeReceipt({ ...counts, ack }, { spooled: (signal) => orAborted(spooled, signal), stored });
    if (ack === 'spooled') await orAborted(spooled, options.signal);
    if (ack === 'stored') await stored(options.signal);
    return receipt;
  }

  /** @throws SinkError `INVALID_NAME` */
  #targetsOf(partition: Partition, hasRejects: boolean): Targets {
    const { partitions } = this.#parts;
    const good = partitions.get(partition, false);
    return { good, rejected: hasRejects ? partitions.get(partition, true) : undefined };
  }

  #send(
    targets: Targets,
    { bytes, lines, summary, rejects, isOwned }: CheckedLines,
    rejected: Uint8Array | undefined,
  ): Part[] {
    const parts: Part[] = [];
    const send = (segments: PartitionSegments, written: SegmentLines) =>
      parts.push({ segments, spooled: segments.append(written) });
    this.#parts.opening();
    if (targets.rejected !== undefined && rejected !== undefined) {
      send(targets.rejected, { bytes: rejected, lines: rejects.length, summary: undefined, isOwned: true });
    }
    if (lines > 0) send(targets.good, { bytes, lines, summary, isOwned });
    return parts;
  }

  async #stored(parts: readonly Part[], signal: AbortSignal | undefined): Promise<void> {
    const { backlog, clock } = this.#parts;
    const waitFor = async ({ segments, spooled }: Part) => {
      const file = await orAborted(spooled, signal);
      segments.sealSoon(file, clock.now());
      await backlog.whenStored(file, signal);
    };
    await Promise.all(parts.map(waitFor));
  }

  #count({ lines, bytes, quarantined }: Accepted): void {
    this.accepted.lines += lines;
    this.accepted.bytes += bytes;
    this.accepted.quarantined += quarantined;
  }
}
