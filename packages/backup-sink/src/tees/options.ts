import { timerMsMax } from '@ceres/internal';
import { SinkError } from '../errors';
import { internalsOf, type SinkInternals } from '../internals';
import { check } from '../options/check';
import type { WriteOptions } from '../options/write-options';
import type { BackupSink } from '../sink';

/** The options that all tees take. */
export interface TeeOptions {
  /** The name of the InfluxDB server in the backup, and in a restore: `influxdb-0.influxdb`. */
  readonly instance: string;
  /**
   * What to do when InfluxDB fails after the backup is durable. `'reject'` gives the caller InfluxDB's error, with the
   * receipt on it; `'resolve'` is store and forward, counted in `teeStats()`: a restore brings the points. Default: `'reject'`.
   */
  readonly onInfluxError?: 'reject' | 'resolve';
  /**
   * What to do when the sink cannot make the points durable. `'reject'` sends nothing to InfluxDB; `'continue'` writes to
   * InfluxDB without a backup, counted in `teeStats()` and logged. Bad points are refused in either case. Default: `'reject'`.
   */
  readonly onSinkError?: 'reject' | 'continue';
  /** How long InfluxDB may take to answer one write. Default: 60,000, longer than any server or client allows. */
  readonly influxTimeoutMs?: number;
}

/** The options as a tee sees them: checked, and with every default. */
export type ResolvedTeeOptions = Readonly<Required<TeeOptions>>;

/** node-influx gives up on a silent socket after 30 s: the caller should see that error, not this timeout's. */
const influxTimeoutMsDefault = 60_000;

const optionNames: readonly (keyof TeeOptions)[] = ['instance', 'onInfluxError', 'onSinkError', 'influxTimeoutMs'];

/**
 * Returns the options of a tee, checked and with defaults.
 *
 * @param call the tee function, such as `createTee()`
 * @param ownNames the options that only this tee has, and that it checks itself
 * @throws SinkError `INVALID_OPTIONS`
 */
export function resolveTeeOptions(
  call: string,
  options: TeeOptions,
  ownNames: readonly string[] = [],
): ResolvedTeeOptions {
  check.names(call, options, [...optionNames, ...ownNames]);
  const {
    instance,
    onInfluxError = 'reject',
    onSinkError = 'reject',
    influxTimeoutMs = influxTimeoutMsDefault,
  } = options;
  check.text('instance', instance, 'influxdb-0.influxdb');
  check.oneOf('onInfluxError', onInfluxError, ['reject', 'resolve']);
  check.oneOf('onSinkError', onSinkError, ['reject', 'continue']);
  check.number('influxTimeoutMs', influxTimeoutMs, { min: 1, max: timerMsMax, unit: 'milliseconds' });
  return Object.freeze({ instance, onInfluxError, onSinkError, influxTimeoutMs });
}

/**
 * Refuses what lacks one of the methods of what is teed. The message does not show it: a URL passed in its place may carry a
 * password.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function checkTeed(name: string, value: unknown, methods: readonly string[], example: string): void {
  const found = Object(value) as Record<string, unknown>;
  if (methods.every((method) => typeof found[method] === 'function')) return;
  const calls = methods.map((method) => `${method}()`).join(' and ');
  throw new SinkError('INVALID_OPTIONS', `Expected \`${name}\` to be an object with ${calls}, such as ${example}.`);
}

/** @throws SinkError `INVALID_OPTIONS` for anything but an open sink of this package */
export function sinkOf(sink: BackupSink): SinkInternals {
  const internals = typeof sink === 'object' && sink !== null ? internalsOf(sink) : undefined;
  check.that(internals !== undefined, 'sink', 'an open sink, which `await BackupSink.open({ … })` gives', sink);
  return internals as SinkInternals;
}

/**
 * Checks the options of one write before anything is done: `null`, or a signal that is none, would be a bare TypeError once
 * the backup is made.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function checkWriteOptions(call: string, options: WriteOptions): void {
  check.names(call, options, ['ack', 'signal']);
  check.signal(options.signal);
}
