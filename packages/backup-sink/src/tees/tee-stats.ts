import { check } from '../options/check';

/** What a tee has seen fail. What the sink holds is in `sink.stats()`. */
export interface TeeStats {
  /** Writes that were passed to the tee and were not refused as bad data. */
  readonly writes: number;
  /** Writes that the sink could not make durable. */
  readonly sinkErrors: number;
  /** Those of them that went to InfluxDB without a backup, because of `onSinkError: 'continue'`. */
  readonly withoutBackup: number;
  /** Writes that are backed up and that InfluxDB did not store, or only in part, or perhaps not. */
  readonly influxErrors: number;
  /** Those of them that InfluxDB refused with 401 or 403: the backup holds what their writer may not write. */
  readonly unauthorized: number;
  /** Writes that the write handler backed up although InfluxDB did not confirm the client's credential, because it had before. */
  readonly honoredCredentials: number;
  /** Clients of the write handler that left after they had sent a whole write, and before its answer. The write went on without them. */
  readonly clientsGone: number;
  readonly lastSinkError: Error | undefined;
  readonly lastInfluxError: Error | undefined;
}

/** The counters of one tee, which alone changes them. */
export type TeeCounters = { -readonly [key in keyof TeeStats]: TeeStats[key] };

const countersOf = new WeakMap<object, TeeCounters>();

/** Returns the counters of a new tee. */
export function newCounters(): TeeCounters {
  return {
    writes: 0,
    sinkErrors: 0,
    withoutBackup: 0,
    influxErrors: 0,
    unauthorized: 0,
    honoredCredentials: 0,
    clientsGone: 0,
    lastSinkError: undefined,
    lastInfluxError: undefined,
  };
}

/** Makes the counters findable by what the caller holds: the wrapped client, the tee, the handler, the transport. */
export function publishCounters<T extends object>(tee: T, counters: TeeCounters): T {
  countersOf.set(tee, counters);
  return tee;
}

/**
 * Returns what has failed so far.
 *
 * @param tee what `teeInflux`, `createTee`, `teeTransport` or `createWriteHandler` returned
 * @throws SinkError `INVALID_OPTIONS` for anything else
 */
export function teeStats(tee: object): TeeStats {
  const counters = countersOf.get(tee);
  check.that(counters !== undefined, 'tee', 'what a tee function of @ceres/backup-sink returned', tee);
  return { ...(counters as TeeCounters) };
}
