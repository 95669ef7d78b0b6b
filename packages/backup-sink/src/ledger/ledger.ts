import { join } from 'node:path';
import { ifExists, utcDay, withDeadline } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import { formatHeartbeatPrefix, formatNamedFile } from '@ceres/storage/internal';
import { asError } from '../errors';
import type { ResolvedOptions } from '../options/sink-options';
import { Slots } from '../scheduling/slots';
import type { SpoolFile } from '../spool/files/spool-file';
import { uuidMs } from '../spool/names';
import type { SegmentDisk } from '../spool/segment/segment-file';
import type { SpoolWork } from '../spool/spool-work';
import { type HeartbeatParts, Heartbeats } from './heartbeats';
import { InstanceLedger } from './instance-ledger';
import { namedFile, type Upload } from './named-file';
import { type Pending, pendingFiles } from './pending-files';
import { Schedule } from './schedule';

/** What a ledger takes from the sink's options. */
type LedgerOptions = Pick<HeartbeatParts, 'storage' | 'heartbeatMs' | 'hostClock'> & { readonly precision: Precision };

/** What a ledger needs of the sink. */
export interface LedgerParts extends SpoolWork, LedgerOptions, Pick<HeartbeatParts, 'own' | 'names' | 'writer'> {
  readonly disk: SegmentDisk;
  /** Returns when the oldest lines that are still in memory were acked, in ms of the steady clock. */
  oldestInMemoryMs(instance: string): number | undefined;
}

/** Returns the ledger of a sink; `undefined` if it is to have none. */
export function openLedger(
  options: ResolvedOptions,
  parts: Omit<LedgerParts, keyof LedgerOptions>,
): Ledger | undefined {
  const { storage, heartbeatMs, precision, clock: hostClock } = options;
  if (heartbeatMs === Infinity) return undefined;
  return new Ledger({ ...parts, storage, heartbeatMs, precision, hostClock });
}

/** The instances for which heartbeats are made at once. */
const instancesAtOnce = 4;

/** An instance of which the sink has stored, or will store, something. */
interface Speaker {
  readonly ledger: InstanceLedger;
  readonly schedule: Schedule;
  /** The heartbeat on its way, and the one after it; they settle when it is stored or has failed. */
  running: Promise<void> | undefined;
  next: Promise<void> | undefined;
}

/**
 * The sink's account of what it stored: durable in the spool before a file leaves it, and in the storage by heartbeats, one series for each
 * instance. Neither a storage that refuses heartbeats nor a disk that refuses entries keeps a file from being stored.
 */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #speakers = new Map<string, Speaker>();
  readonly #slots = new Slots(instancesAtOnce);
  readonly #recorded = new WeakSet<SpoolFile>();
  readonly #loaded: Promise<void>;
  readonly #heartbeats: Heartbeats;
  #isClosed = false;
  /** Those whose last heartbeat failed. */
  readonly #failing = new Set<InstanceLedger>();

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    const { lock, reporter } = parts;
    this.#heartbeats = new Heartbeats({
      ...parts,
      pendingOf: (instance) => this.#pendingOf(instance),
      assertHeld: () => lock.assertHeld(),
      onStored: (key, files) => reporter.emit('heartbeat', { key, files }),
      onFault: (error) => this.#onFault(error),
    });
    this.#loaded = this.#load();
  }

  /** There is a file of this instance: it will be spoken of. */
  know(instance: string): void {
    this.#speaker(instance).schedule.changed();
  }

  /**
   * Records a file that the storage has. Resolves when the entry is durable, so that the file may leave the spool; if the disk refuses
   * it, when the storage has taken or refused a heartbeat that names it.
   *
   * @throws SinkError `SPOOL_LOCKED`; the signal's reason
   */
  async record(file: SpoolFile, upload: Upload): Promise<void> {
    const { lock, names, clock, precision, signal } = this.#parts;
    const entry = formatNamedFile(await namedFile(file, upload, precision)).trimEnd();
    await this.#loaded;
    await lock.assertHeld();
    signal.throwIfAborted();
    const speaker = this.#speaker(file.partition.instance);
    speaker.schedule.changed();
    this.#recorded.add(file);
    try {
      await speaker.ledger.record(entry, utcDay(names.nextMs()));
      if (!this.#isClosed) this.#sayIfDue(speaker, clock.now());
    } catch (error) {
      this.#onFault(error);
      await this.#say(speaker, false, signal);
    }
  }

  /** Starts the heartbeats that are due. */
  tick(): void {
    if (this.#isClosed) return;
    const nowMs = this.#parts.clock.now();
    for (const speaker of this.#speakers.values()) this.#sayIfDue(speaker, nowMs);
  }

  /** Says for the last time what is stored and what is not; gives up after `ms`: then the next run says it. */
  async close(ms: number): Promise<void> {
    this.#isClosed = true;
    const ended = new Error('The sink closes.');
    const sayAll = async (signal: AbortSignal) => {
      await this.#loaded;
      await Promise.all([...this.#speakers.values()].map((speaker) => this.#say(speaker, true, signal)));
    };
    try {
      await withDeadline({ ms, error: () => ended, signal: this.#parts.signal }, sayAll);
    } catch (error) {
      if (error !== ended && !this.#parts.signal.aborted) throw error;
    }
  }

  /** Resolves when the disk is left alone. */
  async idle(): Promise<void> {
    await this.#loaded;
    for (const { running, next, ledger } of this.#speakers.values()) {
      await Promise.all([running, next]);
      await ledger.idle();
    }
  }

  async #load(): Promise<void> {
    const { disk } = this.#parts;
    try {
      for (const folder of (await ifExists(disk.fs.readdir(this.#directory()))) ?? []) await this.#loadOne(folder);
    } catch (error) {
      this.#onFault(error);
    }
  }

  /** Later names must sort after what was said, also if the clock was set back. */
  async #loadOne(folder: string): Promise<void> {
    const { ledger } = this.#speaker(decodeURIComponent(folder));
    await ledger.load();
    const { newestDay, previous } = ledger;
    if (newestDay !== undefined) this.#parts.names.skipTo(dayStartMs(newestDay));
    if (previous !== undefined) this.#parts.names.skipTo(uuidMs(previous));
  }

  #speaker(instance: string): Speaker {
    const known = this.#speakers.get(instance);
    if (known !== undefined) return known;
    const { disk, heartbeatMs } = this.#parts;
    const ledger = new InstanceLedger(disk, this.#directory(instance), instance, (error) => this.#onFault(error));
    const speaker = { ledger, schedule: new Schedule(heartbeatMs), running: undefined, next: undefined };
    this.#speakers.set(instance, speaker);
    return speaker;
  }

  #onFault(error: unknown): void {
    this.#parts.reporter.failed(error, this.#directory());
  }

  #directory(instance?: string): string {
    const all = join(this.#parts.own.path, 'ledger');
    return instance === undefined ? all : join(all, formatHeartbeatPrefix({ instance }).split('/')[1] ?? '');
  }

  /** Returns the files that the spool holds, and no entry names. */
  #filesOf(instance: string): SpoolFile[] {
    const files = this.#parts.backlog.files();
    return files.filter((file) => file.partition.instance === instance && !this.#recorded.has(file));
  }

  #pendingOf(instance: string): Pending {
    const { clock, hostClock, oldestInMemoryMs } = this.#parts;
    const aheadMs = clock.now() - hostClock.now();
    const inMemoryMs = oldestInMemoryMs(instance);
    const pending = pendingFiles(this.#filesOf(instance), aheadMs);
    if (inMemoryMs === undefined) return pending;
    return { ...pending, sinceMs: Math.min(pending.sinceMs ?? Infinity, Math.floor(inMemoryMs - aheadMs)) };
  }

  #sayIfDue(speaker: Speaker, nowMs: number): void {
    const isBusy = () => this.#filesOf(speaker.ledger.instance).some(({ state }) => state !== 'parked');
    if (speaker.running !== undefined || !speaker.schedule.isDue(nowMs, isBusy)) return;
    void this.#say(speaker, false, this.#parts.signal);
  }

  /** Says what is new, after what is being said; calls that wait share one heartbeat. */
  async #say(speaker: Speaker, isLast: boolean, signal: AbortSignal): Promise<void> {
    if (speaker.running === undefined) return await this.#start(speaker, isLast, signal);
    speaker.next ??= speaker.running.then(() => {
      speaker.next = undefined;
      return this.#start(speaker, isLast || this.#isClosed, signal);
    });
    await speaker.next;
  }

  #start(speaker: Speaker, isLast: boolean, signal: AbortSignal): Promise<void> {
    const running = this.#slots
      .run(() => this.#sayNow(speaker, isLast, signal))
      .finally(() => {
        speaker.running = undefined;
      });
    speaker.running = running;
    return running;
  }

  /** A failure is reported once, until a heartbeat is stored again. The next one says the same. */
  async #sayNow({ schedule, ledger }: Speaker, isLast: boolean, signal: AbortSignal): Promise<void> {
    try {
      await this.#loaded;
      signal.throwIfAborted();
      schedule.begin(this.#parts.clock.now());
      await this.#heartbeats.say(ledger, isLast, signal);
      this.#failing.delete(ledger);
    } catch (error) {
      schedule.changed();
      if (signal.aborted || this.#failing.has(ledger)) return;
      this.#failing.add(ledger);
      this.#parts.reporter.emit('heartbeatFailed', { instance: ledger.instance, error: asError(error) });
    }
  }
}

function dayStartMs(day: string): number {
  return Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`);
}
