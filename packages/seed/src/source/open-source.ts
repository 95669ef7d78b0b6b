import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InfluxServer } from '@ceres/influx-http';
import { readShardSizes } from '@ceres/influx-http/internal';
import { type Clock, ifExists, systemClock } from '@ceres/internal';
import { openDataDirectory, openPortableFolder, openSnapshotService, type ShardContainer } from '@ceres/tsm';
import { check } from '../check';
import { SeedError } from '../errors';
import { containerShards } from './container-shards';
import type { SeedSource } from './contract';
import { newestWriteMs } from './newest-write';
import { openQuery } from './query/open-query';
import { SalvageNotes } from './salvaged';

/** Says where sources unpack what they read, and what ends their waits. */
export interface SourceOptions {
  /** A folder for shards that do not fit into memory. It needs the space of the largest one. */
  readonly scratchDir?: string;
  /** `[data] wal-dir` of the configuration, for a data directory. Default: `wal` beside the data. */
  readonly walDir?: string;
  /** `[meta] dir` of the configuration, for a data directory. Default: `meta` beside the data. */
  readonly metaDir?: string;
  /**
   * The HTTP API of the server behind a snapshot service: it tells the sizes of shards; default: they are not known. Of an `http://` source it is the server
   * itself, with its credentials; default: that URL without any.
   */
  readonly influx?: InfluxServer;
  /** The most points that are read in a second from an `http://` source. Default: no limit. */
  readonly rateLinesPerSecond?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** What a shard may take in memory before it is unpacked into the scratch folder. */
const MEMORY_BYTES = 32 * 1024 * 1024;

/**
 * Opens the place that a full copy comes from. Its form says what it is: `tcp://127.0.0.1:8088` is the snapshot service of a running server, `http://127.0.0.1:8086`
 * its HTTP API, a folder with a `….manifest` is a portable backup, and any other folder is the data directory of a server that is stopped.
 *
 * @param source a URL, or the path of a folder
 * @throws SeedError `INVALID_OPTIONS`; TsmError for a source that cannot be opened
 */
export async function openSeedSource(source: string, options: SourceOptions = {}): Promise<SeedSource> {
  check.names('openSeedSource()', options, [
    'scratchDir',
    'walDir',
    'metaDir',
    'influx',
    'rateLinesPerSecond',
    'signal',
    'clock',
  ]);
  check.text('source', source, 'tcp://127.0.0.1:8088');
  if (/^tcp:\/\//i.test(source)) return openService(source, options);
  if (/^https?:\/\//i.test(source)) return openHttp(source, options);
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(source)) throw unknownForm(source);
  const names = await ifExists(readdir(source));
  if (names?.some((name) => name.endsWith('.manifest'))) return openPortable(source, options);
  return openDirectory(source, options);
}

async function openService(
  url: string,
  { scratchDir, influx, signal, clock = systemClock }: SourceOptions,
): Promise<SeedSource> {
  const takenMs = clock.now();
  const shardSizes = influx && (await readShardSizes(influx, signal ? { signal } : {}));
  const container = await openSnapshotService(url, {
    ...(scratchDir !== undefined && { scratchDir }),
    ...(signal && { signal }),
    ...(shardSizes && { shardSizes }),
    memoryBytesMax: MEMORY_BYTES,
  });
  const shards = containerShards(container);
  return { kind: 'snapshot', name: url, server: url, takenMs, ...schemaOf(container), ...nothingLost, shards };
}

async function openHttp(
  url: string,
  { influx = { url }, rateLinesPerSecond = Infinity, signal, clock = systemClock }: SourceOptions,
): Promise<SeedSource> {
  const { username, password } = URL.canParse(url) ? new URL(url) : { username: '', password: '' };
  // The name of a source stands in each of its files.
  check.that(username + password === '', 'source', 'a URL without credentials: pass them in `influx`', 'one with them');
  const isSame = URL.canParse(url) && new URL(url).host === new URL(influx.url).host;
  check.that(
    isSame,
    'influx',
    `the server of \`source\`, with its credentials`,
    String(influx.url).replace(/\/\/.*@/, '//'),
  );
  const rate = check.wholeNumber('rateLinesPerSecond', rateLinesPerSecond, { min: 1, max: Infinity });
  return openQuery(url, { server: influx, rateLinesPerSecond: rate, signal, clock });
}

async function openPortable(path: string, { scratchDir }: SourceOptions): Promise<SeedSource> {
  const container = await openPortableFolder(path, {
    ...(scratchDir !== undefined && { scratchDir }),
    memoryBytesMax: MEMORY_BYTES,
  });
  return {
    kind: 'portable',
    name: path,
    server: undefined,
    takenMs: container.beganMs ?? 0, // What has no time is older than everything that a sink wrote.
    ...schemaOf(container),
    ...nothingLost,
    shards: containerShards(container),
  };
}

/** Returns what the metadata says beside shards. */
function schemaOf({ meta }: ShardContainer): Pick<SeedSource, 'databases' | 'users'> {
  return { databases: meta?.databases, users: meta?.users };
}

/** Damage of it is an error. */
const nothingLost = { losses: [], unchecked: [] } as const;

/** Opens a data directory for what can be read of it: a server that is dead may have left it damaged. */
async function openDirectory(path: string, { walDir, metaDir, signal }: SourceOptions): Promise<SeedSource> {
  const nested = join(path, 'data');
  const dataDir = (await ifExists(stat(nested)))?.isDirectory() ? nested : path;
  const folders = [dataDir, walDir ?? join(dataDir, '..', 'wal'), metaDir ?? join(dataDir, '..', 'meta')];
  const notes = new SalvageNotes(folders);
  const container = await openDataDirectory(dataDir, {
    salvage: notes.options(signal),
    ...(walDir !== undefined && { walDir }),
    ...(metaDir !== undefined && { metaDir }),
  });
  return {
    kind: 'data-directory',
    name: path,
    server: undefined,
    takenMs: await newestWriteMs(folders),
    ...schemaOf(container),
    losses: notes.losses,
    unchecked: notes.unchecked,
    shards: containerShards(container, async (stored, onDoubtful) => {
      const { opened, losses } = await notes.around(() => stored.open(), onDoubtful);
      return { points: (range) => opened.points(range), losses, close: () => opened.close() };
    }),
  };
}

function unknownForm(source: string): SeedError {
  const forms =
    'tcp://127.0.0.1:8088, http://127.0.0.1:8086, a folder that `influxd backup -portable` made, or a data directory';
  return new SeedError('INVALID_OPTIONS', `Expected \`source\` to be ${forms}, got ${JSON.stringify(source)}.`);
}
