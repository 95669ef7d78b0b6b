import { join } from 'node:path';
import type { Clock } from '@ceres/internal';
import {
  type NativeOptions,
  RestoreError,
  type RestoreOptions,
  type RestorePlan,
  type RestoreReport,
  restore,
  type Selection,
  type Verdict,
  verify,
} from '@ceres/restore';
import type { Route } from './certificate/certificate';
import type { ResolvedDrill } from './options';
import { restoredPolicies } from './restored-policies';
import type { DrillServer } from './server/drill-server';

/** What both halves of a drill work with. */
export interface Work {
  readonly settings: ResolvedDrill;
  readonly server: DrillServer;
  /** The folder for the journal, for refused records and for what does not fit into memory. */
  readonly folder: string;
  /** Aborts with the caller's signal, and when the server is lost. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** A throwaway server that stands still for longer is a broken one. */
const patienceMs = 120_000;

/** Why a native restore cannot be, so that lines are sent; what is done already stays done. */
const notNative: readonly string[] = ['NATIVE_REFUSED', 'SNAPSHOT_SERVICE', 'SERVER_UNSUPPORTED'];

/**
 * Restores a plan: natively where that works, unless the options name a route.
 *
 * @throws RestoreError; the reason of the signal
 */
export async function restoreInto(
  plan: RestorePlan,
  work: Work,
): Promise<{ readonly report: RestoreReport; readonly route: Route }> {
  const { settings, server } = work;
  const wanted = settings.route ?? (server.snapshot === undefined ? 'write' : 'native');
  if (wanted === 'write' || server.snapshot === undefined) {
    return { report: await restore(plan, optionsOf(plan, work)), route: 'write' };
  }
  const { allowRemote, threads, memoryBytes } = settings;
  const native: NativeOptions = {
    url: server.snapshot,
    allowRemote,
    ...(threads !== undefined && { threads }),
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
  try {
    return { report: await restore(plan, { ...optionsOf(plan, work), native }), route: 'native' };
  } catch (error) {
    const isRefused = error instanceof RestoreError && notNative.includes(error.code);
    if (!isRefused || settings.route === 'native' || work.signal.aborted) throw error;
    return { report: await restore(plan, optionsOf(plan, work)), route: 'write' };
  }
}

function optionsOf(plan: RestorePlan, { settings, server, folder, signal, clock }: Work): RestoreOptions {
  return {
    to: server.server,
    journalFile: join(folder, 'restore.journal'),
    rejectsDir: join(folder, 'rejects'),
    scratchDir: folder,
    policies: restoredPolicies(plan),
    patienceMs,
    signal,
    clock,
    onProgress: (progress) => settings.onProgress({ phase: 'restore', restore: progress }),
  };
}

/**
 * Compares every value, through the snapshot service if the server has one.
 *
 * @throws RestoreError; the reason of the signal
 */
export async function compareWith(selection: Selection, work: Work): Promise<Verdict> {
  const { settings, server, folder, signal, clock } = work;
  return await verify({
    ...selection,
    signal,
    to: server.server,
    level: 'content',
    digests: true,
    scratchDir: folder,
    ...(server.snapshot !== undefined && { snapshot: server.snapshot }),
    ...(settings.threads !== undefined && { threads: settings.threads }),
    clock,
    onProgress: (progress) => settings.onProgress({ phase: 'verify', verify: progress }),
  });
}
