import { formatKey, type KeyParts, type ObjectReader, surveyLedgers } from '@ceres/storage';
import { isSeedName, mayBeSeedId, readOpenSince } from '@ceres/storage/internal';
import { SeedError } from '../errors';
import type { ResolvedSeed } from '../options';
import type { PlacedPartition } from './partitions';
import type { SeedPlace } from './seed-place';

/**
 * A line that was acked into a file which a heartbeat calls sealed may still be on its way to InfluxDB for as long as a tee waits for it. A seed that read the
 * database before it arrived would lack it, and win over it.
 */
const settleMs = 60_000;

/**
 * Finds the place of a seed that must win over what was teed before it, and lose against what is teed after: the millisecond before the oldest file that a sink
 * has open. Files that were sealed before are in the database, sent or not.
 *
 * @throws SeedError `AGAIN_REFUSED` if the ledgers do not tell that
 */
export async function laterPlace(
  reader: ObjectReader | undefined,
  partitions: readonly PlacedPartition[],
  settings: ResolvedSeed,
): Promise<SeedPlace> {
  const { clock, signal } = settings;
  if (reader === undefined) throw refused('the backup cannot be read. Use a credential that can list and read it');
  const nowMs = clock.now();
  const open = await openSinks(reader, settings, nowMs);
  await refuseUnvouched(reader, partitions, settings, nowMs);
  const namesMs = Math.min(nowMs, ...open.map(({ ms }) => ms)) - 1;
  const settledMs = Math.max(0, ...open.map(({ sink }) => sink.lastMs)) + settleMs;
  if (settledMs > clock.now()) await clock.sleep(settledMs - clock.now(), signal);
  return { namesMs, firstNumber: 0 };
}

/**
 * Makes sure, before the manifest is written, that the place still holds: a sink that was not known when the seed began must have no older file open.
 *
 * @throws SeedError `AGAIN_REFUSED`
 */
export async function checkPlace(reader: ObjectReader, namesMs: number, settings: ResolvedSeed): Promise<void> {
  const { instance, clock, signal } = settings;
  const open = await readOpenSince(reader, instance, { clock, signal });
  const older = open.find(({ sink, ms }) => !sink.isClosed && !settings.retired.has(sink.sink) && ms <= namesMs);
  if (older === undefined) return;
  throw refused(
    `sink ${older.sink.sink} began while the seed was made, and has a file open that is older than the seed. Remove the work folder, and seed again`,
  );
}

async function openSinks(reader: ObjectReader, { instance, clock, signal, retired }: ResolvedSeed, nowMs: number) {
  const all = await readOpenSince(reader, instance, { clock, signal });
  const open = all.filter(({ sink }) => !sink.isClosed && !retired.has(sink.sink));
  const silent = open.find(({ sink }) => sink.dueMs !== undefined && sink.dueMs < nowMs);
  if (silent === undefined) return open;
  const { sink, dueMs = 0 } = silent.sink;
  throw refused(
    `sink ${sink} is silent: its heartbeat was due at ${new Date(dueMs).toISOString()}, so that no one knows which files it has open. Start it, or name it with retired (--retired ${sink}) if it is gone for good`,
  );
}

/** A writer without a ledger does not say which files it has open. */
async function refuseUnvouched(
  reader: ObjectReader,
  partitions: readonly PlacedPartition[],
  { instance, clock, signal, retired }: ResolvedSeed,
  nowMs: number,
): Promise<void> {
  const databases = new Set(partitions.map(({ database }) => database));
  const select = (file: KeyParts) =>
    databases.has(file.database) && !file.quarantine && !mayBeSeedId(file.id) && !isSeedName(formatKey(file));
  const survey = await surveyLedgers(reader, { instance, nowMs, retired, select, retry: { clock, signal } });
  const unvouched = survey.findings.find(({ kind }) => kind === 'unvouched');
  if (unvouched === undefined && survey.withoutLedger.length === 0) return;
  throw refused(
    'the backup has files that no ledger names: a writer without heartbeats does not say which files it has open. Update that writer, and move its old files to another prefix',
  );
}

function refused(why: string): SeedError {
  return new SeedError('AGAIN_REFUSED', `The seed would have no place in the order of replay: ${why}.`);
}
