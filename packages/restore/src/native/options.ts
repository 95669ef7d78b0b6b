import { isLoopback, parseSnapshotUrl, TsmError } from '@ceres/tsm';
import { RestoreError } from '../errors';
import { check, checkThreads } from '../options/checks';

/** Loads shards through InfluxDB's snapshot service instead of sending lines. */
export interface NativeOptions {
  /** The snapshot service of the server: `bind-address` at the top of its configuration, by default `tcp://127.0.0.1:8088`. */
  readonly url: string;
  /** Loads into policies that hold points, too: only what is missing there, and no value is changed. Default: false. */
  readonly fill?: boolean;
  /** Allows a snapshot service that is not on this machine. It has no password: anyone who reaches it can read and change everything. */
  readonly allowRemote?: boolean;
  /** The memory for records, in bytes; what does not fit goes to `scratchDir`. Default: 512 MiB. */
  readonly memoryBytes?: number;
  /** The threads that work, the one of the caller included; with 1, there is no other. Default: the number of cores, at most 4. */
  readonly threads?: number;
}

/** The options of a native restore as the inside sees them. */
export interface ResolvedNative {
  readonly url: string;
  readonly fill: boolean;
  readonly memoryBytesMax: number;
  readonly threads: number;
}

const names = [
  'url',
  'fill',
  'allowRemote',
  'memoryBytes',
  'threads',
] as const satisfies readonly (keyof NativeOptions)[];
const MEMORY_BYTES_DEFAULT = 512 * 1024 * 1024;
const MEMORY_BYTES_MIN = 16 * 1024 * 1024;

/**
 * @param isLive others write at the same time, and what they wrote wins
 * @throws RestoreError `INVALID_OPTIONS`
 */
export function resolveNative(options: NativeOptions | undefined, isLive = false): ResolvedNative | undefined {
  if (options === undefined) return undefined;
  check.names('native', options, names);
  const { url, fill = false, allowRemote = false, memoryBytes = MEMORY_BYTES_DEFAULT } = options;
  check.flag('native.allowRemote', allowRemote);
  if (!isLoopback(addressOf(url)) && !allowRemote) {
    const why = `${url} is not on this machine, and the snapshot service has no password`;
    const todo =
      'Run this on the host of InfluxDB, or reach it through `kubectl port-forward` or an SSH tunnel. If the network between is yours alone, set native.allowRemote (--allow-remote).';
    throw new RestoreError('INVALID_OPTIONS', `${why}. ${todo}`);
  }
  return Object.freeze({
    url,
    fill: check.flag('native.fill', fill) || isLive,
    memoryBytesMax: check.wholeNumber('native.memoryBytes', memoryBytes, {
      min: MEMORY_BYTES_MIN,
      max: 2 ** 40,
      unit: 'bytes',
    }),
    threads: checkThreads('native.threads', options.threads),
  });
}

function addressOf(url: string) {
  try {
    return parseSnapshotUrl(url);
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    throw new RestoreError('INVALID_OPTIONS', error.message, { cause: error });
  }
}
