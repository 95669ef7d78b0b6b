import type { ObjectReader } from '../contract';
import type { PendingFile } from '../heartbeat/contents';
import { heartbeatMs } from '../heartbeat/heartbeat-key';
import { parseKey } from '../keys/format-key';
import { openedMsIn } from '../keys/opened-ms';
import type { RetryOptions } from '../retry/retry';
import { readLedgers } from './read/read-ledgers';
import type { SinkState } from './read/sink-ledger';

/** A sink, and the time in the name of its oldest file that takes lines. */
export interface OpenSince {
  readonly sink: SinkState;
  /** The files of this sink that its newest heartbeat does not call sealed have this time in their names, or a later one; ms since the epoch. */
  readonly ms: number;
}

/**
 * Reads which files the sinks of an instance had open when they made their newest heartbeats.
 *
 * @throws StorageError once retrying has not helped
 */
export async function readOpenSince(
  reader: ObjectReader,
  instance: string,
  options: RetryOptions = {},
): Promise<readonly OpenSince[]> {
  const pending: (readonly PendingFile[])[] = [];
  const { sinks } = await readLedgers(
    reader,
    instance,
    { named: () => undefined, pending: (files) => pending.push(files) },
    options,
  );
  return sinks.flatMap((ledger, i) => {
    const [sink, id] = [ledger.state(), ledger.newestId];
    if (sink === undefined || id === undefined) return [];
    const open = (pending[i] ?? []).filter(({ state }) => state === 'open').map(({ key }) => openedMs(key));
    return [{ sink, ms: Math.min(heartbeatMs(id), ...open) }];
  });
}

function openedMs(key: string): number {
  const parts = parseKey(key);
  // A name that does not tell is older than all.
  return (parts && openedMsIn(parts.id)) ?? 0;
}
