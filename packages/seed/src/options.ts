import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, PaceBesideOthers, precisions, systemClock } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import type { ObjectReader, ObjectWriter } from '@ceres/storage';
import { check } from './check';
import { openSeedSource, type SourceOptions } from './source/open-source';

/** Says how far a seed has come. */
export interface SeedProgress {
  readonly step: 'read' | 'prove';
  readonly shards: number;
  readonly shardsTotal: number;
  /** Points of all shards so far, also of those that an earlier run has read. */
  readonly points: number;
  /** Bytes of the source's shards, or of files that are proven; the total is 0 if the source does not know its size. */
  readonly bytes: number;
  readonly bytesTotal: number;
  /** `undefined` as long as nothing can be said. */
  readonly etaMs: number | undefined;
}

/** What to copy, from where, and into which backup. */
export interface SeedOptions extends Omit<SourceOptions, 'scratchDir' | 'clock'> {
  /** The backup. Where it can be read, earlier seeds are found, and the seed proves itself. */
  readonly storage: ObjectWriter & Partial<ObjectReader>;
  /** The InfluxDB server that the points belong to, as its sinks name it. */
  readonly instance: string;
  /** `tcp://127.0.0.1:8088`, `http://127.0.0.1:8086`, a folder that `influxd backup -portable` made, or a data directory. */
  readonly source: string;
  /** Keeps what is done, so that a seed that was interrupted goes on; and holds shards and files on their way. It needs the space that `previewSeed` says. */
  readonly workDir: string;
  /**
   * The HTTP API of the server that the source belongs to: it tells the sizes of shards, and databases, policies, continuous queries, subscriptions and users as they are
   * now. Default: the metadata of the source tells these, and the sizes are not known.
   */
  readonly influx?: InfluxServer;
  /** Only these databases, policies and measurements. Default: all. */
  readonly databases?: readonly string[];
  readonly retentionPolicies?: readonly string[];
  readonly measurements?: readonly string[];
  /** Only points at or after this time, and before that one, in ns since the epoch. Default: all. */
  readonly from?: bigint;
  readonly until?: bigint;
  /**
   * The precision of the files, where no time of a shard is finer: that of the sinks, so that one loop imports all files of the backup. Default: that of the
   * files that sinks have stored; `ns` if there are none, or they cannot be read.
   */
  readonly precision?: Precision;
  /** Seeds what a finished seed covers once more: the new one wins over what was teed before it. Default: false. */
  readonly again?: boolean;
  /** The ids of sinks that are gone for good, and may be silent; for `again`. */
  readonly retired?: readonly string[];
  /** A file ends before its lines exceed this; a single larger record has a file of its own. Default 64 MiB, as a sink's. */
  readonly segmentBytesMax?: number;
  /** The level of compression, from 0 to 9. Default 3, as a sink's. */
  readonly gzipLevel?: number;
  /** The number of files that are packed and put at once. Default 4. */
  readonly uploadConcurrency?: number;
  /**
   * How much of one processor's time the seed takes while other programs of this machine need the processors, in percent. It takes all it can get while they
   * do not. Default 50; 100 lets it work without a pause beside them, too.
   */
  readonly load?: number;
  readonly onProgress?: (progress: SeedProgress) => void;
  /** The clock, for tests. Default: the system's. */
  readonly clock?: Clock;
}

/** The options as the inside sees them. */
export interface ResolvedSeed
  extends Required<
    Pick<
      SeedOptions,
      | 'storage'
      | 'instance'
      | 'source'
      | 'workDir'
      | 'again'
      | 'segmentBytesMax'
      | 'gzipLevel'
      | 'uploadConcurrency'
      | 'load'
      | 'onProgress'
      | 'clock'
    >
  > {
  readonly selection: SeedSelection;
  readonly influx: InfluxServer | undefined;
  readonly precision: Precision | undefined;
  readonly retired: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
  readonly pace: PaceBesideOthers;
  openSource(): ReturnType<typeof openSeedSource>;
}

/** What a seed is narrowed to; what is `undefined` selects everything. */
export interface SeedSelection {
  readonly databases: readonly string[] | undefined;
  readonly retentionPolicies: readonly string[] | undefined;
  readonly measurements: readonly string[] | undefined;
  readonly from: bigint | undefined;
  readonly until: bigint | undefined;
}

const required = ['storage', 'instance', 'source', 'workDir'];
const lists = ['databases', 'retentionPolicies', 'measurements', 'retired'] as const;
const others = [
  'walDir',
  'metaDir',
  'influx',
  'rateLinesPerSecond',
  'signal',
  'from',
  'until',
  'precision',
  'again',
  'segmentBytesMax',
  'gzipLevel',
  'uploadConcurrency',
  'load',
  'onProgress',
  'clock',
];

/** @throws SeedError `INVALID_OPTIONS` */
export function resolveSeedOptions(options: SeedOptions): ResolvedSeed {
  check.names('seed()', options, [...required, ...lists, ...others]);
  const { storage, source, workDir, from, until, again = false, signal, onProgress = () => undefined } = options;
  const { walDir, metaDir, rateLinesPerSecond, load = 50, clock = systemClock } = options;
  check.methods('storage', storage, ['put'], "new LocalStorage('/var/backups/influx')");
  for (const name of lists) {
    const isGood = options[name] === undefined || isTexts(options[name]);
    check.that(isGood, name, 'a list of names', options[name]);
  }
  for (const [name, time] of [['from', from] as const, ['until', until] as const]) {
    check.that(time === undefined || typeof time === 'bigint', name, 'a bigint of nanoseconds', time);
  }
  const isInOrder = from === undefined || until === undefined || from < until;
  check.that(isInOrder, 'until', `later than \`from\`, which is ${from}`, until);
  check.signal(signal);
  check.that(typeof onProgress === 'function', 'onProgress', 'a function', onProgress);
  const number = (
    name: 'segmentBytesMax' | 'gzipLevel' | 'uploadConcurrency',
    initial: number,
    min: number,
    max: number,
  ) => check.wholeNumber(name, options[name] ?? initial, { min, max });
  const sourceOptions = {
    scratchDir: check.text('workDir', workDir, '/var/tmp/seed'),
    clock,
    ...(walDir !== undefined && { walDir }),
    ...(metaDir !== undefined && { metaDir }),
    ...(options.influx && { influx: options.influx }),
    ...(rateLinesPerSecond !== undefined && { rateLinesPerSecond }),
    ...(signal && { signal }),
  };
  return Object.freeze({
    storage,
    instance: check.text('instance', options.instance, 'influxdb-0'),
    source: check.text('source', source, 'tcp://127.0.0.1:8088'),
    workDir,
    selection: {
      databases: options.databases,
      retentionPolicies: options.retentionPolicies,
      measurements: options.measurements,
      from,
      until,
    },
    influx: options.influx ?? serverOf(source),
    precision: options.precision && check.oneOf('precision', options.precision, precisions),
    again: check.flag('again', again),
    retired: new Set(options.retired ?? []),
    segmentBytesMax: number('segmentBytesMax', 64 * 1024 * 1024, 1024, 2 ** 30),
    gzipLevel: number('gzipLevel', 3, 0, 9),
    uploadConcurrency: number('uploadConcurrency', 4, 1, 256),
    load: check.number('load', load, { min: 0.01, max: 100, unit: 'percent' }),
    onProgress,
    clock,
    signal,
    pace: new PaceBesideOthers(load === 100 ? Number.POSITIVE_INFINITY : load, clock, signal),
    openSource: () => openSeedSource(source, sourceOptions),
  });
}

/** An `http://` source is its own HTTP API. */
function serverOf(source: string): InfluxServer | undefined {
  return /^https?:\/\//i.test(source) ? { url: source } : undefined;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== '');
}
