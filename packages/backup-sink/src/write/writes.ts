import { orAborted } from '@ceres/internal';
import type { Clock, Partition } from '@ceres/storage';
import { copyOf, type PreparedLines } from '../lines/checked-lines';
import { formatRejects } from '../lines/quarantine';
import type { Ack } from '../options/ack';
import type { WriteOptions } from '../options/write-options';
import type { Backlog, SpoolFile } from '../spool/files/backlog';
import type { SegmentLines } from '../spool/segment/frame-queue';
import type { Partitions } from '../stages/partition';
import type { PartitionSegments } from '../stages/segment';
import type { Admission } from './admission';
import { makeReceipt, type Receipt } from './receipt';

/** What writes need of the sink. */
export interface WriteEnvironment {
  readonly admission: Admission;
  readonly partitions: Partitions<PartitionSegments>;
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly ack: Ack;
  /** Told before a segment may be opened. */
  opening(): void;
}

/** A part of a write, on its way to the disk. */
interface Part {
  readonly segments: PartitionSegments;
  readonly spooled: Promise<SpoolFile>;
}

/** Where a write goes, and what it has of refused records. */
interface Targets {
  readonly good: PartitionSegments;
  readonly rejected: PartitionSegments | undefined;
}

/** Brings prepared lines into their partition's segment, and acks them. */
export class Writes {
  /** Durable since open. */
  readonly accepted = { lines: 0, bytes: 0, quarantined: 0 };
  readonly #shared: WriteEnvironment;

  constructor(shared: WriteEnvironment) {
    this.#shared = shared;
  }

  async append(partition: Partition, prepared: PreparedLines, options: WriteOptions): Promise<Receipt> {
    const { admission } = this.#shared;
    const ack = options.ack ?? this.#shared.ack;
    const rejects = prepared.rejects.length === 0 ? undefined : formatRejects(prepared.rejects);
    const sizeBytes = prepared.bytes.byteLength + (rejects?.byteLength ?? 0);
    const facts = {
      lines: prepared.lines,
      bytes: prepared.bytes.byteLength,
      quarantined: prepared.rejects.length,
    };
    const targets = this.#targetsOf(partition, rejects !== undefined); // names are judged before room is taken
    let { bytes } = prepared;
    const sent = admission.enter(sizeBytes, options.signal, () => {
      const parts = this.#send(targets, { ...prepared, bytes }, rejects);
      const spooled = Promise.all(parts.map((part) => part.spooled)).finally(() => admission.leave(sizeBytes));
      spooled.then(
        () => this.#count(facts),
        () => undefined, // the sink told of it, and whoever waits for `spooled` is told too
      );
      return { parts, spooled };
    });
    if (sent instanceof Promise) bytes = copyOf(bytes); // the encoder's next call would overwrite them
    const { parts, spooled } = await sent;

    const stored = (signal?: AbortSignal) => this.#stored(parts, signal);
    const receipt = makeReceipt({ ...facts, ack }, { spooled: (signal) => orAborted(spooled, signal), stored });
    if (ack === 'spooled') await spooled;
    if (ack === 'stored') await stored(options.signal);
    return receipt;
  }

  /** @throws SinkError `INVALID_NAME` */
  #targetsOf(partition: Partition, hasRejects: boolean): Targets {
    const { partitions } = this.#shared;
    const good = partitions.get(partition, false);
    return { good, rejected: hasRejects ? partitions.get(partition, true) : undefined };
  }

  #send(targets: Targets, { bytes, lines, facts, rejects }: PreparedLines, rejected: Uint8Array | undefined): Part[] {
    const parts: Part[] = [];
    const send = (segments: PartitionSegments, written: SegmentLines) =>
      parts.push({ segments, spooled: segments.append(written) });
    this.#shared.opening();
    if (targets.rejected !== undefined && rejected !== undefined) {
      send(targets.rejected, { bytes: rejected, lines: rejects.length, facts: undefined });
    }
    if (lines > 0) send(targets.good, { bytes, lines, facts });
    return parts;
  }

  async #stored(parts: readonly Part[], signal: AbortSignal | undefined): Promise<void> {
    const { backlog, clock } = this.#shared;
    const waitFor = async ({ segments, spooled }: Part) => {
      const file = await orAborted(spooled, signal);
      segments.sealSoon(file, clock.now());
      await backlog.whenStored(file, signal);
    };
    await Promise.all(parts.map(waitFor));
  }

  #count({ lines, bytes, quarantined }: { lines: number; bytes: number; quarantined: number }): void {
    this.accepted.lines += lines;
    this.accepted.bytes += bytes;
    this.accepted.quarantined += quarantined;
  }
}
