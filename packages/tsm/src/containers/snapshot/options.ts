import { timerMsMax } from '@ceres/internal';
import { check } from '../../options';
import { Scratch, type ScratchOptions, scratchOptionNames } from '../archive/scratch';

/** Limits on the waits for a snapshot service, and where shards are unpacked. */
export interface SnapshotOptions extends ScratchOptions {
  /** The time to connect. Default: 10,000. */
  readonly connectTimeoutMs?: number;
  /** The longest silence while bytes flow. Default: 60,000. */
  readonly idleTimeoutMs?: number;
  /**
   * The time for an answer of metadata; of a shard, the wait for its first byte, before which the server writes its cache to the disk;
   * of an upload, the wait for the server to apply it. Default: 300,000.
   */
  readonly timeoutMs?: number;
  /** How often a shard is asked for whose snapshot someone else is taking. Default: 10. */
  readonly busyAttemptsMax?: number;
  /**
   * An answer of a shard whose first byte takes this long may lack the cache, so that the shard is asked for again, at most three times: InfluxDB from
   * late 1.8 on leaves the cache out after it has waited 1,057 ms for another snapshot. Default: 1,000.
   */
  readonly slowAnswerMs?: number;
  /** Ends every wait, and rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The options as the inside sees them. */
export interface ResolvedSnapshot {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly timeoutMs: number;
  readonly busyAttemptsMax: number;
  readonly slowAnswerMs: number;
  readonly signal: AbortSignal | undefined;
  readonly scratch: ScratchOptions;
}

const waits = { connectTimeoutMs: 10_000, idleTimeoutMs: 60_000, timeoutMs: 300_000, slowAnswerMs: 1_000 };
const ownNames = [...Object.keys(waits), 'busyAttemptsMax', 'signal'];

/** @throws TsmError `INVALID_OPTIONS` */
export function resolveSnapshotOptions(options: SnapshotOptions): ResolvedSnapshot {
  check.names('SnapshotService', options, [...ownNames, ...scratchOptionNames]);
  const { signal, busyAttemptsMax = 10 } = options;
  check.signal(signal);
  const scratch = Object.fromEntries(Object.entries(options).filter(([name]) => scratchOptionNames.includes(name)));
  new Scratch(scratch); // Refuses wrong options now, not when a shard is opened.
  const wait = (name: keyof typeof waits) =>
    check.wholeNumber(name, options[name] ?? waits[name], { min: 1, max: timerMsMax, unit: 'milliseconds' });
  return Object.freeze({
    connectTimeoutMs: wait('connectTimeoutMs'),
    idleTimeoutMs: wait('idleTimeoutMs'),
    timeoutMs: wait('timeoutMs'),
    slowAnswerMs: wait('slowAnswerMs'),
    busyAttemptsMax: check.wholeNumber('busyAttemptsMax', busyAttemptsMax, { min: 1, max: 1_000 }),
    signal,
    scratch,
  });
}
