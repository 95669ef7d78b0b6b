import { internalsOf, type SinkInternals } from '../internals';
import type { BackupSink } from '../sink';
import { atLeastOne, invalidOption, oneOf, refuseUnknown } from './option-checks';

/** What every tee asks for. */
export interface TeeOptions {
  /** Names the InfluxDB server in the backup, and in a restore: `influxdb-0.influxdb`. */
  readonly instance: string;
  /**
   * When InfluxDB fails after the backup is durable: `'reject'` (default) gives the caller InfluxDB's error, with the
   * receipt on it; `'resolve'` is store and forward, counted in `teeStats()`: a replay brings the points.
   */
  readonly onInfluxError?: 'reject' | 'resolve';
  /**
   * When the sink cannot make the points durable: `'reject'` (default) asks InfluxDB for nothing; `'continue'` writes
   * to InfluxDB without a backup, counted in `teeStats()` and logged. Bad points are refused in either case.
   */
  readonly onSinkError?: 'reject' | 'continue';
  /** How long InfluxDB may take to answer one write; default 60 s, longer than any server or client gives it. */
  readonly influxTimeoutMs?: number;
}

export type ResolvedTeeOptions = Readonly<Required<TeeOptions>>;

/** node-influx gives up on a silent socket after 30 s: its own error shall be seen first. */
const influxTimeoutMsDefault = 60_000;
/** The longest delay that a Node timer takes. */
const timeoutMsMax = 2_147_483_647;

const teeKeys = ['instance', 'onInfluxError', 'onSinkError', 'influxTimeoutMs'] as const;

/**
 * Validates the options of the tee called `tee`; `moreKeys` are its own, which it validates itself.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function resolveTeeOptions(
  tee: string,
  options: TeeOptions,
  moreKeys: readonly string[] = [],
): ResolvedTeeOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(tee, `needs its options, at least { instance: 'influxdb-0.influxdb' }`);
  }
  refuseUnknown(tee, options, [...teeKeys, ...moreKeys]);
  const {
    instance,
    onInfluxError = 'reject',
    onSinkError = 'reject',
    influxTimeoutMs = influxTimeoutMsDefault,
  } = options;
  if (typeof instance !== 'string' || instance === '') {
    throw invalidOption(
      tee,
      `needs 'instance', the name of the InfluxDB server in the backup, such as 'influxdb-0.influxdb'`,
    );
  }
  oneOf(tee, 'onInfluxError', onInfluxError, ['reject', 'resolve']);
  oneOf(tee, 'onSinkError', onSinkError, ['reject', 'continue']);
  atLeastOne(tee, 'influxTimeoutMs', influxTimeoutMs, timeoutMsMax);
  return Object.freeze({ instance, onInfluxError, onSinkError, influxTimeoutMs });
}

/** @throws SinkError `INVALID_OPTIONS` for what is not an open sink of this package */
export function sinkOf(tee: string, sink: BackupSink): SinkInternals {
  const internals = typeof sink === 'object' && sink !== null ? internalsOf(sink) : undefined;
  if (internals === undefined)
    throw invalidOption(tee, `needs an open sink: await BackupSink.open({ … }), and pass what it resolves to`);
  return internals;
}
