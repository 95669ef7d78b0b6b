import type { ObjectInfo } from '../../contract';
import type { HeartbeatStatement, PendingFile } from '../../heartbeat/contents';
import type { LedgerGap } from '../findings';
import type { LedgerDay } from './ledger-days';

/** What the newest heartbeat of a sink says of it. */
export interface SinkState {
  readonly instance: string;
  readonly sink: string;
  /** When the storage created its first heartbeat that is still there, and its newest, in ms since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Everything that it acked before is stored; and when its next heartbeat was or is due. By the storage's clock, in ms since the epoch. */
  readonly storedUpToMs: number;
  readonly dueMs: number | undefined;
  /** True if its newest heartbeat is the last: it was closed. */
  readonly isClosed: boolean;
  /** The number of files in its spool: those that take lines, those on their way, and those that the storage refuses. */
  readonly open: number;
  readonly spooled: number;
  readonly parked: number;
}

/** A file that was acked this long before the heartbeat that says it is still spooled is late: an upload takes less. */
const lateMs = 15 * 60_000;

/** Follows the heartbeats of one sink and instance from day to day. */
export class SinkLedger {
  readonly instance: string;
  readonly sink: string;
  readonly gaps: LedgerGap[] = [];
  /** The number of files that the sink could not write into its ledger. */
  unnamed = 0;
  #pending: readonly PendingFile[] = [];
  #late: readonly PendingFile[] = [];
  #first: ObjectInfo | undefined;
  #newest: { readonly statement: HeartbeatStatement; readonly createdMs: number } | undefined;
  /** When the storage created the heartbeat before the newest. */
  #previousMs: number | undefined;
  /** The most by which the storage's clock may be ahead of the sink's: each heartbeat is created after it was made. */
  #aheadMsMax = Infinity;
  /** The ids in the folders of this day and the one before it. */
  #known: readonly ReadonlySet<string>[] = [];

  constructor({ instance, sink }: Pick<LedgerDay, 'instance' | 'sink'>) {
    this.instance = instance;
    this.sink = sink;
  }

  begin({ ids, regular, wholeDay }: LedgerDay): void {
    this.#known = [ids, ...this.#known.slice(0, 1)];
    this.#first ??= regular[0] ?? wholeDay[0];
  }

  /** Takes a heartbeat that was read and proven. Those of a day come in the order of their ids. */
  add(statement: HeartbeatStatement, { createdMs }: ObjectInfo, pending: readonly PendingFile[]): void {
    if (!statement.isWholeDay) this.unnamed += statement.unnamed; // a whole day repeats what others said
    this.#lookForGap(statement, createdMs);
    this.#aheadMsMax = Math.min(this.#aheadMsMax, createdMs - statement.atMs);
    if (this.#newest !== undefined && this.#newest.statement.id >= statement.id) return;
    this.#previousMs = this.#newest?.createdMs;
    this.#newest = { statement, createdMs };
    if (!statement.isWholeDay) this.#pending = pending;
  }

  /** Ends the ledger, and returns the files that its newest heartbeat says are pending. Keeps only those that are late. */
  end(): readonly PendingFile[] {
    const pending = this.#pending;
    const beforeMs = (this.#newest?.statement.atMs ?? 0) - lateMs;
    this.#late = pending.filter(
      ({ state, sinceMs }) => state === 'parked' || (state === 'spooled' && sinceMs < beforeMs),
    );
    this.#pending = [];
    this.#known = [];
    return pending;
  }

  /** The files that were late when the newest heartbeat was made. */
  get late(): readonly PendingFile[] {
    return this.#late;
  }

  /** The id of its newest heartbeat: every file that it opens later has a greater one. `undefined` if none can be believed. */
  get newestId(): string | undefined {
    return this.#newest?.statement.id;
  }

  /** Returns the state of the sink; `undefined` if none of its heartbeats can be believed. */
  state(): SinkState | undefined {
    const newest = this.#newest;
    if (newest === undefined) return undefined;
    const { instance, sink, atMs, storedUpToMs, nextDueByMs, isLast, open, spooled, parked } = newest.statement;
    // The storage's clock counts; the sink's gives ages. How long a put took must not make them less: a write may have been acked before it ended.
    // A heartbeat is made after the one before it was created, also if the sink's clock was set back.
    const madeMs = Math.max(atMs + this.#aheadMsMax, this.#previousMs ?? -Infinity);
    return {
      instance,
      sink,
      firstMs: this.#first?.createdMs ?? newest.createdMs,
      lastMs: newest.createdMs,
      storedUpToMs: madeMs - (atMs - storedUpToMs),
      dueMs: nextDueByMs === undefined ? undefined : newest.createdMs + (nextDueByMs - atMs),
      isClosed: isLast,
      open,
      spooled,
      parked,
    };
  }

  /** What was before the first heartbeat may have expired; between any two there is no gap. */
  #lookForGap({ previous, id }: HeartbeatStatement, createdMs: number): void {
    if (previous === undefined || this.#known.some((ids) => ids.has(previous))) return;
    const isFirst = this.#known.length < 2 && this.#newest === undefined;
    if (isFirst) return;
    const { instance, sink } = this;
    const name = `ledger-gap/${sink}/${id}`;
    this.gaps.push({ kind: 'ledger-gap', name, instance, sink, afterMs: this.#newest?.createdMs, beforeMs: createdMs });
  }
}
