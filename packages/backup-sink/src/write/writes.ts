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
import { mayBeSamePolicy, type Spellings, type SpellingsByDatabase } from './spellings';

/** What writes need. */
export interface WriteParts {
  readonly admission: Admission;
  readonly partitions: Partitions<PartitionSegments>;
  readonly spellings: SpellingsByDatabase<PartitionSegments>;
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

/** The destination of a write, as its caller says it and as it is meant. */
interface Destination {
  readonly partition: Partition;
  readonly spellings: Spellings<PartitionSegments>;
  /** The policy that the write means, as `Spellings` knows it. */
  readonly policy: string;
}

const none: readonly Promise<unknown>[] = [];

/** Busy writers write again sooner than this. */
const quietMs = 100;

/** Lets writes in, brings their lines into their partition's segment, and acks them. */
export class Writes {
  /** What became durable since open. */
  readonly accepted: { -readonly [K in keyof Accepted]: number } = { lines: 0, bytes: 0, quarantined: 0 };
  readonly #parts: WriteParts;
  /** The last write of each policy that is, or waits for one that is, still being encoded, by database. */
  readonly #encoding = new Map<Spellings<PartitionSegments>, Map<string, Promise<unknown>>>();

  /** When the last write came, in ms of the steady clock. */
  #lastMs = -Infinity;

  constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  /** True if no write came for a moment. */
  get areQuiet(): boolean {
    return this.#parts.clock.now() - this.#lastMs >= quietMs;
  }

  /**
   * Appends lines, also those that are still being encoded. Those that may be of one policy keep the order of the calls: what comes after
   * a large write waits until that is encoded.
   */
  async append(
    partition: Partition,
    lines: CheckedLines | Promise<CheckedLines>,
    options: WriteOptions,
  ): Promise<Receipt> {
    const { retentionPolicy = '' } = partition;
    this.#lastMs = this.#parts.clock.now();
    const spellings = this.#parts.spellings.of(partition);
    spellings.check(retentionPolicy);
    const policy = spellings.meaningOf(retentionPolicy);
    const to = { partition, spellings, policy };
    const before = this.#encodingBefore(to);
    if (before.length === 0 && !(lines instanceof Promise)) return await this.#enter(to, lines, options);
    const turn = Promise.allSettled([lines, ...before]);
    const turns = this.#encoding.get(spellings) ?? new Map<string, Promise<unknown>>();
    this.#encoding.set(spellings, turns.set(policy, turn));
    const [encoded] = await turn;
    if (turns.get(policy) === turn) turns.delete(policy);
    if (turns.size === 0 && this.#encoding.get(spellings) === turns) this.#encoding.delete(spellings);
    if (encoded.status === 'rejected') throw encoded.reason;
    return await this.#enter(to, encoded.value, options);
  }

  /** Returns the writes that are still being encoded and may be of the same policy. */
  #encodingBefore({ spellings, policy }: Destination): readonly Promise<unknown>[] {
    const turns = this.#encoding.get(spellings);
    if (turns === undefined) return none;
    return [...turns].filter(([other]) => mayBeSamePolicy(other, policy)).map(([, turn]) => turn);
  }

  async #enter(to: Destination, checked: CheckedLines, options: WriteOptions): Promise<Receipt> {
    const { admission } = this.#parts;
    const ack = options.ack ?? this.#parts.ack;
    const rejects = checked.rejects.length === 0 ? undefined : formatRejects(checked.rejects);
    const sizeBytes = checked.bytes.byteLength + (rejects?.byteLength ?? 0);
    const counts = {
      lines: checked.lines,
      bytes: checked.bytes.byteLength,
      quarantined: checked.rejects.length,
    };
    const quarantine = rejects && this.#parts.partitions.get(to.partition, true); // names are checked before room is taken
    let { bytes } = checked;
    const sent = admission.enter(sizeBytes, options.signal, () => {
      const parts = this.#send(to, { ...checked, bytes }, quarantine && { segments: quarantine, bytes: rejects });
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

  #send(
    { spellings, policy: meaning }: Destination,
    { bytes, lines, summary, rejects, isOwned }: CheckedLines,
    refused: { readonly segments: PartitionSegments; readonly bytes: Uint8Array } | undefined,
  ): Part[] {
    const parts: Part[] = [];
    const send = (segments: PartitionSegments, written: SegmentLines) =>
      parts.push({ segments, spooled: segments.append(written) });
    this.#parts.opening();
    if (refused !== undefined) {
      send(refused.segments, { bytes: refused.bytes, lines: rejects.length, summary: undefined, isOwned: true });
    }
    if (lines > 0) {
      const { segments, policy } = spellings.placeOf(meaning);
      send(segments, { bytes, lines, summary, isOwned, policy });
    }
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
