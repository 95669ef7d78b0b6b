import { utcDay } from '@ceres/internal';
import type { ObjectInfo, ObjectReader } from '../../contract';
import { StorageError } from '../../errors';
import type { HeartbeatFile, NamedFile, PendingFile } from '../../heartbeat/contents';
import { isHeartbeatCode } from '../../heartbeat/faults';
import { type Heartbeat, readHeartbeat } from '../../heartbeat/read-heartbeat';
import type { RetryOptions } from '../../retry/retry';
import type { UntrustedHeartbeat } from '../findings';
import { type LedgerDay, ledgerDays } from './ledger-days';
import { SinkLedger } from './sink-ledger';

/** Receives what the ledgers say, one heartbeat after the other. */
export interface LedgerVisitor {
  /** Called for each file that a heartbeat says is stored. */
  named(file: NamedFile, heartbeat: ObjectInfo): void;
  /** Called once for each sink and instance, with the files that its newest heartbeat says are pending. */
  pending(files: readonly PendingFile[]): void;
}

/** The ledgers of a backup, and the heartbeats that are not to be believed. */
export interface Ledgers {
  readonly sinks: readonly SinkLedger[];
  readonly untrusted: readonly UntrustedHeartbeat[];
}

/** More would say nothing new. */
const untrustedMax = 1000;

/**
 * Reads the ledgers of an instance, or of all: of each day the heartbeats that restate it, and where they do not, each of its heartbeats.
 *
 * @throws StorageError
 */
export async function readLedgers(
  reader: ObjectReader,
  instance: string | undefined,
  visitor: LedgerVisitor,
  options: RetryOptions,
): Promise<Ledgers> {
  const sinks: SinkLedger[] = [];
  const untrusted: UntrustedHeartbeat[] = [];
  let ledger: SinkLedger | undefined;

  const read = async (info: ObjectInfo, { instance, sink }: LedgerDay, to: SinkLedger) => {
    try {
      const heartbeat = await readHeartbeat(reader, info, options);
      to.add(heartbeat.statement, info, await split(heartbeat, visitor));
      return heartbeat.statement;
    } catch (error) {
      if (!(error instanceof StorageError && isHeartbeatCode(error.code))) throw error;
      const name = `untrusted/${info.key}`;
      const found = { kind: 'untrusted', name, instance, sink, key: info.key } as const;
      if (untrusted.length < untrustedMax) untrusted.push({ ...found, code: error.code, reason: error.message });
      return undefined;
    }
  };

  let restated: LedgerDay | undefined;
  for await (const day of ledgerDays(reader, instance, options)) {
    if (ledger?.instance !== day.instance || ledger.sink !== day.sink) {
      if (ledger !== undefined) visitor.pending(ledger.end());
      ledger = new SinkLedger(day);
      sinks.push(ledger);
      restated = undefined;
    }
    ledger.begin(day);
    // Behind a day that is restated no heartbeat can be missing; otherwise, the first of this day tells which one was before it.
    const isJoined = restated !== undefined && isNextDay(restated.day, day.day);
    const [first, ...others] = day.regular;
    if (first !== undefined && !isJoined) await read(first, day, ledger);
    const parts = new Set<number>();
    let wanted = Infinity;
    for (const info of day.wholeDay) {
      const statement = await read(info, day, ledger);
      if (statement === undefined) continue;
      parts.add(statement.part);
      wanted = statement.parts;
    }
    const isRestated = parts.size >= wanted;
    const unread = isRestated ? [] : isJoined ? day.regular : others;
    for (const info of unread) await read(info, day, ledger);
    restated = isRestated ? day : undefined;
  }
  if (ledger !== undefined) visitor.pending(ledger.end());
  return { sinks, untrusted };
}

function isNextDay(day: string, next: string): boolean {
  const ms = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`);
  return utcDay(ms + 86_400_000) === next;
}

/** Gives the visitor the stored files of a heartbeat, and returns the others. */
async function split(heartbeat: Heartbeat, visitor: LedgerVisitor): Promise<PendingFile[]> {
  const pending: PendingFile[] = [];
  for await (const file of heartbeat.files()) {
    if (isNamed(file)) visitor.named(file, heartbeat);
    else pending.push(file);
  }
  return pending;
}

function isNamed(file: HeartbeatFile): file is NamedFile {
  return file.state === 'stored';
}
