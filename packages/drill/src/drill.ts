import { randomUUID } from 'node:crypto';
import { InfluxHttpError } from '@ceres/influx-http';
import {
  type Verdict as Comparison,
  planRestore,
  RestoreError,
  type RestoreReport,
  type Selection,
} from '@ceres/restore';
import { type ObjectReader, StorageError } from '@ceres/storage';
import { version as ceresVersion } from '../package.json'; // by name: the bundle takes the version alone
import { readState } from './backup-state';
import type { Certificate, CertifiedDrill, Route } from './certificate/certificate';
import { readCertificates } from './certificate/read-certificates';
import { certify } from './certificate/signature';
import { storeCertificate } from './certificate/store-certificate';
import { describeDrill } from './describe-drill';
import { DrillError } from './errors';
import { DrillFolder } from './folder/drill-folder';
import { type Leftovers, removeLeftovers } from './folder/leftovers';
import { judge } from './judge';
import { type DrillOptions, type ResolvedDrill, resolveDrill } from './options';
import type { Outcome } from './outcome';
import { compareWith, restoreInto, type Work } from './restore-and-compare';
import { chooseSample } from './sample/choose-sample';
import { FrozenBackup } from './sample/frozen-backup';
import { partOf } from './sample/part-of-backup';
import { atOnce } from './server/at-once';
import type { DrillServer } from './server/drill-server';
import { findInfluxd } from './server/find-influxd';
import { takeScratchServer } from './server/scratch-server';
import { startThrowaway } from './server/throwaway';
import { freeBytes, refuseLackOfSpace } from './space';
import { Stopwatch } from './stopwatch';

/** What a drill has found, and where that is certified. */
export interface DrillReport {
  readonly certificate: Certificate;
  /** The key of the certificate in `certificates`; absent if none was given, or if it could not be stored. */
  readonly key?: string;
  /** Why the certificate could not be stored. */
  readonly notStored?: DrillError;
  /** What earlier drills had left in `workDir`. */
  readonly leftovers: Leftovers;
}

/**
 * Restores a backup, or a part of it, into a throwaway server, compares every value, and removes everything that it made. It reads the backup, and knows nothing
 * of the server that was backed up.
 *
 * What speaks against the backup is the verdict in the certificate: `FAIL`, or `INCONCLUSIVE` if that could not be judged. An error says why there was no
 * drill.
 *
 * @example
 * ```ts
 * import { drill } from '@ceres/drill';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const storage = new LocalStorage('/var/backups/influx');
 * const { certificate } = await drill({ storage, instance: 'influxdb-0', certificates: storage });
 * console.log(certificate.verdict, certificate.reasons, certificate.recovery.seconds);
 * ```
 * @throws DrillError any code but those of certificates; RestoreError `NO_FILES` or `STORAGE`; InfluxHttpError of a scratch server; the signal's reason
 */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const settings = resolveDrill(options);
  const { signal, clock } = settings;
  signal?.throwIfAborted();
  const leftovers = await removeLeftovers(settings.workDir);
  const beganMs = clock.now();
  const stopwatch = new Stopwatch(clock, (phase) => settings.onProgress({ phase }));
  const folder = await DrillFolder.make(settings.workDir);
  let outcome: Omit<Outcome, 'endedMs'>;
  try {
    // The server starts in a process of its own while the backup is looked at.
    const server = (signal: AbortSignal) => stopwatch.time('server', () => startServer(settings, folder, signal));
    const making = { make: server, undo: (made: DrillServer) => made.remove() };
    const [made, planned] = await atOnce(signal, making, (signal) => lookAtBackup(settings, stopwatch, signal));
    outcome = await restoreAndCompare({ settings, server: made, planned, folder, stopwatch, beganMs });
  } finally {
    await folder.remove();
  }
  const described: CertifiedDrill = describeDrill(
    { ...outcome, endedMs: clock.now() },
    judge({ ...outcome, accept: settings.accept }),
  );
  const certificate = certify(described, settings.signingKey);
  const stored = await store(certificate, settings);
  return { certificate, ...stored, leftovers };
}

interface Beginning {
  readonly settings: ResolvedDrill;
  readonly server: DrillServer;
  readonly planned: Awaited<ReturnType<typeof lookAtBackup>>;
  readonly folder: DrillFolder;
  readonly stopwatch: Stopwatch;
  readonly beganMs: number;
}

/** Takes the scratch server that was given, or starts a throwaway one. @throws DrillError `NO_INFLUXD` or what the server says */
async function startServer(
  { scratchServer, native, influxd, instance, clock }: ResolvedDrill,
  folder: DrillFolder,
  signal: AbortSignal,
): Promise<DrillServer> {
  if (scratchServer !== undefined) {
    return await takeScratchServer({ server: scratchServer, snapshot: native, instance, signal });
  }
  return await startThrowaway({ influxd: await findInfluxd(influxd), folder, clock, signal });
}

/** Reads the state of the backup, and chooses what of it is restored. */
async function lookAtBackup(settings: ResolvedDrill, stopwatch: Stopwatch, signal: AbortSignal) {
  const status = await stopwatch.time('ledgers', () => readState({ ...settings, signal }, settings.clock));
  return { status, ...(await stopwatch.time('plan', () => planDrill(settings, signal))) };
}

/** Does everything that needs a server, and removes the server in any case. */
async function restoreAndCompare({ server, planned, folder, ...known }: Beginning): Promise<Omit<Outcome, 'endedMs'>> {
  const { settings, stopwatch } = known;
  const { plan } = planned;
  const { signal, clock } = settings;
  const ending = endingSignal(signal, server.lost);
  try {
    refuseLackOfSpace(plan, {
      folder: settings.workDir,
      free: await freeBytes(folder.path),
      hasServer: settings.scratchServer === undefined,
    });
    await server.claim([...new Set(plan.partitions.map(({ database }) => database))]);
    const { selection, ...described } = planned;
    const work: Work = { settings, server, folder: folder.work, signal: ending.signal, clock };
    const found: { route?: Route; restored?: RestoreReport; comparison?: Comparison; obstacle?: string } = {};
    try {
      const { report, route } = await stopwatch.time('restore', () => restoreInto(plan, work));
      Object.assign(found, { restored: report, route });
      found.comparison = await stopwatch.time('verify', () => compareWith(selection, work));
    } catch (error) {
      signal?.throwIfAborted();
      found.obstacle = obstacleIn(server.lost.aborted ? server.lost.reason : error);
    }
    const { version, snapshot } = server;
    const id = randomUUID();
    const end = { id, ceresVersion, server: { version, snapshot } };
    return { ...known, ...end, ...described, ...found };
  } finally {
    ending.release();
    await stopwatch.time('remove', () => server.remove());
  }
}

/** Freezes the listing, and chooses what of it is restored. */
async function planDrill(settings: ResolvedDrill, signal: AbortSignal) {
  const { storage, instance, retired, keepMs } = settings;
  const backup = await FrozenBackup.take(storage, instance, signal);
  const earlier = await earlierDrills(settings, signal);
  const sample = settings.sample < 100 ? chooseSample(backup.partitions, settings.sample, earlier) : undefined;
  const selection: Selection = {
    storage: sample === undefined ? backup : await partOf(backup, { sample, instance, signal }),
    instance,
    retired,
    signal,
    ...(keepMs !== undefined && { keepMs }),
    ...(sample && { databases: sample.databases }),
  };
  return { backup, sample, selection, earlier, plan: await planRestore(selection) };
}

/** Returns the certificates where this one will be stored; none if they cannot be read. */
async function earlierDrills(
  { certificates, instance }: ResolvedDrill,
  signal: AbortSignal,
): Promise<readonly Certificate[]> {
  if (certificates?.list === undefined || certificates.get === undefined) return [];
  return (await readCertificates(certificates as ObjectReader, instance, { signal })).certificates;
}

/**
 * Returns a signal that aborts with either, and what stops listening to them: the caller's may live as long as the process. It is not made by
 * `AbortSignal.any`, which Node 20 may collect too early.
 */
function endingSignal(...signals: readonly (AbortSignal | undefined)[]) {
  const ending = new AbortController();
  const heard = signals.flatMap((signal) =>
    signal === undefined ? [] : [{ signal, end: () => ending.abort(signal.reason) }],
  );
  for (const { signal, end } of heard) {
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  }
  const release = () => {
    for (const { signal, end } of heard) signal.removeEventListener('abort', end);
  };
  return { signal: ending.signal, release };
}

/** Returns what kept a drill from its end, in words; throws what is no fault of the surroundings. */
function obstacleIn(error: unknown): string {
  const isKnown = [RestoreError, StorageError, InfluxHttpError, DrillError].some((kind) => error instanceof kind);
  if (!isKnown) throw error;
  const { message, code } = error as RestoreError;
  return `${message} (${code})`;
}

async function store(
  certificate: Certificate,
  { certificates, signal }: ResolvedDrill,
): Promise<Pick<DrillReport, 'key' | 'notStored'>> {
  if (certificates === undefined) return {};
  try {
    return { key: await storeCertificate(certificates, certificate, signal) };
  } catch (error) {
    if (error instanceof DrillError) return { notStored: error };
    throw error;
  }
}
