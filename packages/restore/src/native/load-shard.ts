import type { Clock } from '@ceres/internal';
import {
  type ByteSource,
  openShard,
  parseTsmFileName,
  type Shard,
  type ShardFile,
  type ShardName,
  TsmError,
  tsmFileName,
} from '@ceres/tsm';
import type { CompiledShard, KnownType } from '../compile/compiled-shard';
import type { ScratchFolder } from '../compile/shards/scratch-folder';
import { RestoreError } from '../errors';
import type { Journal } from '../journal/journal';
import { journalPlace } from '../journal/load-record';
import type { Poster } from '../replay/deliver/poster';
import { quoted } from '../server/connection';
import { claimFields, MARKER_TAG } from './claims';
import { missingValues } from './fill';
import { asServiceFault, type NativeServer } from './native-server';
import { lacksOf } from './prove-shard';

/** What shards are loaded with. */
export interface LoadSettings {
  readonly server: NativeServer;
  readonly poster: Poster;
  readonly journal: Journal;
  readonly scratch: ScratchFolder;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** The value of the marker tag. */
  readonly marker: string;
  /** Shards may hold points of others, of which none is changed. */
  readonly fill: boolean;
  readonly shardDurationMs: (shard: CompiledShard) => number;
}

/** How far names of uploads are apart: influxd names what it compacts by the highest sequence plus 1. */
const SEQUENCE_STEP = 1_000;
/** How often a shard is sent again that the server does not show. */
const UPLOADS_MAX = 5;
/** How long the server may take to show what it has taken. */
const SHOWN_MS_MAX = 20_000;

/**
 * Loads a compiled shard into the server: claims its fields, sends its files, and counts what the server then has.
 *
 * @param open the shard's files, open for reading; the caller closes them
 * @returns the fields that the shard has with another type, in which case nothing was loaded
 * @throws RestoreError `NOT_LOADED`, `NATIVE_REFUSED`, `SNAPSHOT_SERVICE`, `SERVER_…`; the signal's reason
 */
export async function loadShard(
  shard: CompiledShard,
  open: readonly ByteSource[],
  settings: LoadSettings,
): Promise<readonly KnownType[]> {
  const { server, journal, poster } = settings;
  const before = await server.shardAt(shard);
  // A shard that is there may remember types. A point that claims a field may then belong to a record that is rejected for another one.
  const marker = before !== undefined || settings.fill ? settings.marker : undefined;
  const conflicts = await claimFields(shard, { poster, marker, shardDurationMs: settings.shardDurationMs(shard) });
  if (conflicts.length > 0) {
    if (marker === undefined) throw written(shard, conflicts);
    await dropMarker(shard, settings);
    return conflicts;
  }
  const name = await server.shardAt(shard);
  if (name === undefined) throw notLoaded(shard, 'it took points of the shard, but lists no such shard');
  const sequence = before === undefined ? 0 : await highestSequence(before, settings);
  const sending = { sources: open, sequence, hasMarker: marker !== undefined };
  if (settings.fill && before !== undefined) await fill(shard, name, sending, settings);
  else await upload(shard, name, sending, settings);
  await journal.load({ loaded: journalPlace(shard) });
  return [];
}

/** The files of an upload, and the highest sequence that their names must not have. */
interface Upload {
  readonly sources: readonly ByteSource[];
  readonly sequence: number;
  readonly hasMarker: boolean;
}

/** Sends what the shard does not hold. */
async function fill(shard: CompiledShard, name: ShardName, sending: Upload, settings: LoadSettings): Promise<void> {
  const { server, scratch } = settings;
  const theirs = await server.asked(() => server.service.openShard(name));
  let missing: Awaited<ReturnType<typeof missingValues>>;
  let ours: Shard | undefined;
  try {
    ours = await openShard({ files: named(sending.sources.map(kept), 0) });
    missing = await missingValues(ours, theirs, scratch);
  } catch (error) {
    throw asServiceFault(error);
  } finally {
    await ours?.close();
    await theirs.close();
  }
  const opened = await Promise.all(missing.files.map((file) => file.open()));
  try {
    await upload(shard, name, { ...sending, sources: opened }, settings);
  } finally {
    for (const source of opened) await source.close();
    for (const file of missing.files) await file.remove();
  }
}

/** Sends files until the server counts what the shard has, each time under names that were never used. */
async function upload(shard: CompiledShard, name: ShardName, sending: Upload, settings: LoadSettings): Promise<void> {
  const { sources, sequence, hasMarker } = sending;
  const { server, journal, clock, patienceMs, signal } = settings;
  const deadlineMs = clock.now() + patienceMs;
  let used = Math.max(journal.loads.sequence(shard), sequence);
  let lacks: string | undefined;
  for (let uploads = 1; uploads <= UPLOADS_MAX; ) {
    if (sources.length > 0) {
      const first = (Math.floor(used / SEQUENCE_STEP) + 1) * SEQUENCE_STEP;
      const files = named(sources, first);
      used = first + (files.length - 1) * SEQUENCE_STEP;
      await journal.load({ upload: { ...journalPlace(shard), sequence: used } });
      try {
        await server.service.uploadShard(name, files);
      } catch (error) {
        signal.throwIfAborted();
        const isAway = error instanceof TsmError && error.code === 'UNREACHABLE';
        if (!isAway || clock.now() >= deadlineMs) throw asServiceFault(error);
        // It may have been ended in the middle, and be started again.
        await clock.sleep(500, signal);
        continue;
      }
    }
    if (hasMarker) await dropMarker(shard, settings);
    lacks = await shown(shard, settings);
    if (lacks === undefined) return;
    uploads += 1;
    if (sources.length === 0) break;
  }
  throw notLoaded(shard, `it shows ${lacks}`);
}

/** Waits until the server counts at least what the shard has; returns what it lacks after some time. */
async function shown(shard: CompiledShard, { server, clock, signal }: LoadSettings): Promise<string | undefined> {
  const endMs = clock.now() + SHOWN_MS_MAX;
  for (let waitMs = 20; ; waitMs = Math.min(2 * waitMs, 2_000)) {
    const lacks = await counted(shard, server);
    if (lacks === undefined || clock.now() >= endMs) return lacks;
    await clock.sleep(waitMs, signal);
  }
}

/** While a shard is put into place, InfluxDB answers an error. */
async function counted(shard: CompiledShard, { connection }: NativeServer): Promise<string | undefined> {
  try {
    return await lacksOf(shard, connection);
  } catch (error) {
    const isSwapped =
      error instanceof RestoreError &&
      error.code === 'SERVER_QUERY_FAILED' &&
      /shard is disabled|engine is closed|shard is closed/.test(error.message);
    if (isSwapped) return 'that the shard is disabled';
    throw error;
  }
}

/** Drops the series that claimed fields, whatever their measurements are called. */
async function dropMarker({ database }: CompiledShard, { server, marker }: LoadSettings): Promise<void> {
  await server.connection.ask(database, `DROP SERIES WHERE ${quoted(MARKER_TAG)} = '${marker}'`);
}

/** Returns the highest sequence among the files of a shard that lose against all others, where ours belong. */
async function highestSequence(name: ShardName, { server }: LoadSettings): Promise<number> {
  const names = await server.asked(() => server.service.fileNames(name));
  const sequences = names.map((one) => parseTsmFileName(one.replace(/\.tombstone$/, '.tsm')));
  return Math.max(0, ...sequences.map((one) => (one?.generation === 0 ? one.sequence : 0)));
}

function named(sources: readonly ByteSource[], first: number): ShardFile[] {
  return sources.map((source, i) => {
    return { name: tsmFileName({ generation: 0, sequence: first + i * SEQUENCE_STEP }), source };
  });
}

/** A source that someone else closes. */
function kept(source: ByteSource): ByteSource {
  return { ...source, close: async () => undefined };
}

function notLoaded({ database, retentionPolicy, startNs }: CompiledShard, what: string): RestoreError {
  const day = new Date(Number(startNs / 1_000_000n)).toISOString();
  const where = `The shard from ${day} on in '${retentionPolicy}' of '${database}' was sent to the server, but ${what}`;
  const todo = 'See the log of InfluxDB, and run the same command again; or restore without native (--native)';
  return new RestoreError('NOT_LOADED', `${where}. ${todo}.`);
}

/** A new shard has no types but those that someone else has just written. */
function written({ database, retentionPolicy }: CompiledShard, [first]: readonly KnownType[]): RestoreError {
  const field = first && `${Buffer.from(first.measurement)}.${Buffer.from(first.field)}`;
  const what = `While '${retentionPolicy}' of '${database}' was being loaded, someone else wrote ${field} with another type`;
  const todo = 'Stop the writers, or set native.fill (--fill), and start again with another journal (--journal-file)';
  return new RestoreError('NATIVE_REFUSED', `${what}. ${todo}.`);
}
