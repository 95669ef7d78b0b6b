import type { KeyObject } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, systemClock } from '@ceres/internal';
import type { RestoreProgress, StepProgress } from '@ceres/restore';
import type { ObjectReader, ObjectWriter } from '@ceres/storage';
import type { Phase, Route } from './certificate/certificate';
import { readPrivateKey } from './certificate/signature';
import { check } from './errors';

/** How far a drill has come. */
export interface DrillProgress {
  readonly phase: Phase;
  /** How far the restore has come, while it runs. */
  readonly restore?: RestoreProgress;
  /** How far the comparison has come, while it runs. */
  readonly verify?: StepProgress;
}

export interface DrillOptions {
  /** The backup. A credential that lists and gets is enough. */
  readonly storage: ObjectReader;
  /** The server that was backed up, as the keys name it. */
  readonly instance: string;
  /** Restores only about this part of the backup, in percent: other databases and days each time. Default: 100. */
  readonly sample?: number;
  /** How the backup is restored. Default: natively where that works, else as lines. */
  readonly route?: Route;
  /** The program `influxd` of InfluxDB 1.x. Default: the first one on `PATH`. */
  readonly influxd?: string;
  /** A server that was started for the drill, and that is empty. Default: the drill starts one, and removes it. */
  readonly scratchServer?: InfluxServer;
  /** The snapshot service of `scratchServer`, such as `tcp://127.0.0.1:8088`. Default: it is not used, and the restore sends lines. */
  readonly native?: string;
  /** Allows a snapshot service that is not on this machine. It has no password. */
  readonly allowRemote?: boolean;
  /** The storage that receives the certificate, and that has the earlier ones, if it can be read. Default: none. */
  readonly certificates?: ObjectWriter & Partial<ObjectReader>;
  /** Signs the certificate: a private key of Ed25519, as PEM. Default: it is not signed. */
  readonly signingKey?: string | Uint8Array;
  /** The names of findings that are known, and do not count. Default: none. */
  readonly accept?: readonly string[];
  /** Lifecycle rules delete files after this time, in ms: older ones are not missed. Default: files never expire. */
  readonly keepMs?: number;
  /** The ids of sinks that are gone for good: they are not silent. */
  readonly retired?: readonly string[];
  /** The folder for the throwaway server and for the work on it. Default: the system's temporary folder. */
  readonly workDir?: string;
  /** The threads that work, the one of the caller included. Default: the number of cores, at most 4. */
  readonly threads?: number;
  /** The memory for records of a native restore, in bytes. Default: 512 MiB. */
  readonly memoryBytes?: number;
  /** Ends the drill, removes what it made, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called when a phase begins, and a few times a second while it goes on. */
  readonly onProgress?: (progress: DrillProgress) => void;
  /** Time, as tests inject it. */
  readonly clock?: Clock;
}

const names = [
  'storage',
  'instance',
  'sample',
  'route',
  'influxd',
  'scratchServer',
  'native',
  'allowRemote',
  'certificates',
  'signingKey',
  'accept',
  'keepMs',
  'retired',
  'workDir',
  'threads',
  'memoryBytes',
  'signal',
  'onProgress',
  'clock',
] as const satisfies readonly (keyof DrillOptions)[];

/** The options as the inside sees them. */
export interface ResolvedDrill {
  readonly storage: ObjectReader;
  readonly instance: string;
  readonly sample: number;
  readonly route: Route | undefined;
  readonly influxd: string | undefined;
  readonly scratchServer: InfluxServer | undefined;
  readonly native: string | undefined;
  readonly allowRemote: boolean;
  readonly certificates: (ObjectWriter & Partial<ObjectReader>) | undefined;
  readonly signingKey: KeyObject | undefined;
  readonly accept: ReadonlySet<string>;
  readonly keepMs: number | undefined;
  readonly retired: readonly string[];
  readonly workDir: string;
  readonly threads: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: DrillProgress) => void;
  readonly clock: Clock;
}

const threadsMax = 64;
const memoryBytesMin = 16 * 1024 * 1024;

/** @throws DrillError `INVALID_OPTIONS` */
export function resolveDrill(options: DrillOptions): ResolvedDrill {
  check.names('drill()', options, names);
  const { storage, sample = 100, route, influxd, scratchServer, native, certificates, signingKey, keepMs } = options;
  const { accept = [], retired = [], workDir = tmpdir(), threads, memoryBytes, signal, clock = systemClock } = options;
  const { allowRemote = false, onProgress = () => undefined } = options;
  check.methods('storage', storage, ['list', 'get'], "new LocalStorage('/var/backups/influx')");
  check.number('sample', sample, { min: 0.01, max: 100, unit: 'percent' });
  if (route !== undefined) check.oneOf('route', route, ['native', 'write']);
  if (influxd !== undefined) check.text('influxd', influxd, '/usr/bin/influxd');
  const isOne = influxd === undefined || scratchServer === undefined;
  check.that(isOne, 'influxd', 'left out with `scratchServer`, which is a server already', influxd);
  if (native !== undefined) check.text('native', native, 'tcp://127.0.0.1:8088');
  const hasServer = native === undefined || scratchServer !== undefined;
  check.that(hasServer, 'native', 'left out without `scratchServer`: the drill knows its own server', native);
  const isNative = route !== 'native' || scratchServer === undefined || native !== undefined;
  check.that(isNative, 'native', "the snapshot service of `scratchServer`, with the route 'native'", native);
  check.flag('allowRemote', allowRemote);
  if (certificates !== undefined) check.methods('certificates', certificates, ['put'], 'the backup itself');
  for (const [name, texts] of Object.entries({ accept, retired })) {
    check.that(Array.isArray(texts) && texts.every((text) => typeof text === 'string'), name, 'a list of names', texts);
  }
  if (keepMs !== undefined) check.number('keepMs', keepMs, { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (threads !== undefined) check.wholeNumber('threads', threads, { min: 1, max: threadsMax });
  if (memoryBytes !== undefined) {
    check.wholeNumber('memoryBytes', memoryBytes, { min: memoryBytesMin, max: 2 ** 40, unit: 'bytes' });
  }
  check.signal(signal);
  check.that(typeof onProgress === 'function', 'onProgress', 'a function', onProgress);
  return Object.freeze({
    storage,
    instance: check.text('instance', options.instance, 'influxdb-0'),
    sample,
    route,
    influxd,
    scratchServer,
    native,
    allowRemote,
    certificates,
    signingKey: signingKey === undefined ? undefined : readPrivateKey(signingKey),
    accept: new Set(accept),
    keepMs,
    retired,
    workDir: check.text('workDir', workDir, '/var/tmp'),
    threads,
    memoryBytes,
    signal,
    onProgress,
    clock,
  });
}
