import { createHash, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { utcDay, withDeadline } from '@ceres/internal';
import { type Clock, type ObjectBody, type ObjectWriter, StorageError } from '@ceres/storage';
import {
  encodeHeartbeat,
  formatHeartbeatKey,
  type HeartbeatStatement,
  type PendingFile,
} from '@ceres/storage/internal';
import { type NameIssuer, uuidMs } from '../spool/names';
import type { OwnFolder } from '../spool/own-folder';
import type { InstanceLedger } from './instance-ledger';
import type { DayLog } from './log/day-log';
import type { Pending } from './pending-files';

/** What heartbeats need of the sink. */
export interface HeartbeatParts {
  readonly own: OwnFolder;
  readonly storage: ObjectWriter;
  readonly names: NameIssuer;
  /** The host's clock. */
  readonly hostClock: Clock;
  readonly writer: string;
  readonly heartbeatMs: number;
  /** Says what the spool holds of an instance now, by the host's clock. */
  pendingOf(instance: string): Pending;
  /** Rejects if the spool is another sink's. */
  assertHeld(): Promise<void>;
  onStored(key: string, files: number): void;
  onFault(error: unknown): void;
}

/** The time that one put may take. A heartbeat is small, and the next one says the same. */
const putMsMax = 60_000;

/** While nothing changes, a heartbeat comes after this many intervals: hourly by default. */
export const quietIntervals = 12;

/** The time that a due heartbeat may take to arrive, if the interval is not shorter. */
const delayMsMax = 60_000;

/** The last moment that has a date (ECMA-262, section 21.4.1.1). */
const timeMax = 8.64e15;

/** One heartbeat's contents. */
interface Content {
  readonly id: string;
  readonly log: DayLog;
  readonly stored: readonly string[];
  readonly pending: readonly PendingFile[];
  readonly said: Pick<HeartbeatStatement, 'isWholeDay' | 'part' | 'parts' | 'storedUpToMs' | 'nextDueByMs' | 'isLast'>;
  readonly counts: Pending['counts'];
}

/** Makes the heartbeats of one sink, and puts each with one attempt. */
export class Heartbeats {
  readonly #parts: HeartbeatParts;
  #sink: string = randomUUID();
  #isSinkKept = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /**
   * Says everything that is to be said of an instance: restates each day that is over, and names what was stored since the last heartbeat.
   *
   * @throws what the storage or the disk failed with: the next call says the same, and more
   */
  async say(ledger: InstanceLedger, isLast: boolean, signal: AbortSignal): Promise<void> {
    await this.#keepSink();
    for (;;) {
      const id = this.#parts.names.issue();
      const [over] = ledger.before(utcDay(uuidMs(id)));
      if (over !== undefined) await this.#restate(ledger, over, signal);
      else if (await this.#sayNext(ledger, id, isLast, signal)) return;
    }
  }

  /** The id is made with the first heartbeat, after the first lines are safe: it takes a name on a disk that may have few. */
  async #keepSink(): Promise<void> {
    if (this.#isSinkKept) return;
    try {
      this.#sink = await this.#parts.own.sinkId(this.#sink);
      this.#isSinkKept = true;
    } catch (error) {
      this.#parts.onFault(error); // until it can be kept, a restart begins another ledger
    }
  }

  async #restate(ledger: InstanceLedger, log: DayLog, signal: AbortSignal): Promise<void> {
    const parts = log.chunks;
    let id = '';
    for (let part = 1, from = 0; part <= parts; part += 1) {
      const { lines, end } = await log.chunk(from, log.count);
      id = this.#parts.names.issue();
      const { counts } = this.#parts.pendingOf(ledger.instance);
      const { storedUpToMs } = ledger;
      const nextDueByMs = this.#dueBy(true);
      const said = { isWholeDay: true, part, parts, storedUpToMs, nextDueByMs, isLast: false };
      await this.#put(ledger, { id, log, stored: lines, pending: [], said, counts }, signal);
      from = end;
      if (part < parts) this.#keep(ledger.named(id, log, end));
    }
    await this.#keep(ledger.restated(id, log, utcDay(uuidMs(id))));
  }

  /** Resolves with `true` when nothing is left to say. What is said is of the moment of the call: what comes later is for the next. */
  async #sayNext(ledger: InstanceLedger, id: string, isLast: boolean, signal: AbortSignal): Promise<boolean> {
    const log = ledger.today(utcDay(uuidMs(id)));
    const { count, named } = log;
    const { counts, files, sinceMs } = this.#parts.pendingOf(ledger.instance);
    const nowMs = Math.floor(this.#parts.hostClock.now());
    const { lines, end } = await log.chunk(named, count);
    const isAll = end === count;
    const isBusy = !isAll || counts.open + counts.spooled > 0;
    const storedUpToMs = isAll ? Math.min(sinceMs ?? nowMs, nowMs) : ledger.storedUpToMs;
    const isEnd = isLast && isAll;
    const nextDueByMs = isEnd ? undefined : this.#dueBy(isBusy);
    const said = { isWholeDay: false, part: 1, parts: 1, storedUpToMs, nextDueByMs, isLast: isEnd };
    await this.#put(ledger, { id, log, stored: lines, pending: files, said, counts }, signal);
    ledger.storedUpToMs = storedUpToMs;
    await this.#keep(ledger.named(id, log, end));
    return isAll;
  }

  async #put(ledger: InstanceLedger, content: Content, signal: AbortSignal): Promise<void> {
    const { storage, hostClock, writer } = this.#parts;
    const { id, log, stored, pending, said, counts } = content;
    const { instance, previous, unnamed } = ledger;
    const { day } = log;
    const statement = {
      instance,
      sink: this.#sink,
      id,
      previous,
      writer,
      day,
      atMs: Math.floor(hostClock.now()),
      unnamed,
      ...said,
      ...counts,
    };
    const key = formatHeartbeatKey({ instance, sink: this.#sink, day, id });
    const body = bodyOf(await encodeHeartbeat(statement, { stored, storedCount: stored.length, pending }));
    await this.#parts.assertHeld();
    const deadline = { ms: putMsMax, error: () => unanswered(key), signal };
    await withDeadline(deadline, (limited) => storage.put(key, body, { signal: limited }));
    ledger.unnamed -= unnamed;
    this.#parts.onStored(key, stored.length);
  }

  /** A disk that refuses a mark makes the next run say again what is said. */
  async #keep(noted: Promise<void>): Promise<void> {
    await noted.catch((error: unknown) => this.#parts.onFault(error));
  }

  #dueBy(isBusy: boolean): number {
    const { heartbeatMs, hostClock } = this.#parts;
    const intervalMs = isBusy ? heartbeatMs : heartbeatMs * quietIntervals;
    return Math.min(timeMax, Math.floor(hostClock.now() + intervalMs + Math.min(heartbeatMs, delayMsMax)));
  }
}

function bodyOf(bytes: Buffer): ObjectBody {
  return {
    sizeBytes: bytes.byteLength,
    md5: createHash('md5').update(bytes).digest('base64'),
    crc32: crc32(bytes),
    async *open() {
      yield bytes;
    },
  };
}

function unanswered(key: string): StorageError {
  const message = `Putting ${key} failed: the storage has not answered for ${putMsMax / 1000} s.`;
  return new StorageError('UNAVAILABLE', message, { key });
}
