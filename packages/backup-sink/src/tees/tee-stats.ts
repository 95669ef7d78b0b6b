/** What a tee has seen fail. What the sink holds is in `sink.stats()`. */
export interface TeeStats {
  /** Writes that were given to the tee and were not refused as bad data. */
  readonly writes: number;
  /** Writes that the sink could not make durable. */
  readonly sinkErrors: number;
  /** Of these, the writes that went on to InfluxDB without a backup: `onSinkError: 'continue'`. */
  readonly withoutBackup: number;
  /** Writes that are backed up and that InfluxDB did not store, or not wholly, or not for sure. */
  readonly influxErrors: number;
  readonly lastSinkError: Error | undefined;
  readonly lastInfluxError: Error | undefined;
}

/** The counters of one tee; it alone writes them. */
export type TeeCounters = { -readonly [key in keyof TeeStats]: TeeStats[key] };

const countersOf = new WeakMap<object, TeeCounters>();

export function newCounters(): TeeCounters {
  return {
    writes: 0,
    sinkErrors: 0,
    withoutBackup: 0,
    influxErrors: 0,
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
 * What failed so far, of anything that `teeInflux`, `createTee`, `teeTransport` or `createWriteHandler` gave.
 *
 * @throws TypeError for anything else
 */
export function teeStats(tee: object): TeeStats {
  const counters = countersOf.get(tee);
  if (counters === undefined)
    throw new TypeError('teeStats() takes what a tee function of @ceres/backup-sink returned');
  return { ...counters };
}
