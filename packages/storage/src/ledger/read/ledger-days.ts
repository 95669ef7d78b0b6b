import type { ObjectInfo, ObjectReader } from '../../contract';
import {
  formatHeartbeatPrefix,
  heartbeatFolder,
  isWholeDayKey,
  parseHeartbeatKey,
} from '../../heartbeat/heartbeat-key';
import { listObjects } from '../../retry/list-objects';
import type { RetryOptions } from '../../retry/retry';

/** The heartbeats of one sink and instance in the folder of one day, in the order of their ids. */
export interface LedgerDay {
  readonly instance: string;
  readonly sink: string;
  readonly day: string;
  /** The ids of all of them. */
  readonly ids: ReadonlySet<string>;
  readonly regular: readonly ObjectInfo[];
  /** Those that restate the day. */
  readonly wholeDay: readonly ObjectInfo[];
}

/** Lists the heartbeats of an instance, or of all, day by day; those of a sink and instance follow each other in the order of the days. */
export async function* ledgerDays(
  reader: ObjectReader,
  instance: string | undefined,
  options: RetryOptions,
): AsyncGenerator<LedgerDay> {
  const prefix = instance === undefined ? `${heartbeatFolder}/` : formatHeartbeatPrefix({ instance });
  let folder = '';
  let current: (LedgerDay & { readonly ids: Set<string>; regular: ObjectInfo[]; wholeDay: ObjectInfo[] }) | undefined;
  for await (const info of listObjects(reader, prefix, options)) {
    const parts = parseHeartbeatKey(info.key);
    if (parts === undefined) continue; // not a name of ours
    const itsFolder = formatHeartbeatPrefix(parts);
    if (itsFolder !== folder) {
      if (current !== undefined) yield current;
      folder = itsFolder;
      const { sink, day } = parts;
      current = { instance: parts.instance, sink, day, ids: new Set(), regular: [], wholeDay: [] };
    }
    current?.ids.add(parts.id);
    current?.[isWholeDayKey(parts) ? 'wholeDay' : 'regular'].push(info);
  }
  if (current !== undefined) yield current;
}
