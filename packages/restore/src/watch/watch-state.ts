import { open as openFile, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ifExists } from '@ceres/internal';
import { RestoreError } from '../errors';
import { syncFolder } from '../journal/durable-folders';
import type { TimeSpan } from '../verify/time-spans';
import type { ListedFiles } from './new-files';
import { type ComparedSpan, CoveredTime, timeMax, timeMin } from './time/covered-time';

/** What a watch knows of a database, by its name in the backup. */
export interface DatabaseState {
  readonly covered: CoveredTime;
  /** The stretches of time in which damage was found: they are looked at in each run until they are good. */
  open: readonly TimeSpan[];
  /** When its active shards were last asked for, in ms since the epoch. */
  activeAskedMs: number | undefined;
}

/** What one run of a watch leaves for the next. */
export interface WatchState {
  /** Whose state it is: of another watch it says nothing. */
  readonly instance: string;
  readonly server: string;
  /** When the first run and the last one began, in ms since the epoch. */
  readonly sinceMs: number;
  readonly lastRunMs: number | undefined;
  /** The files that the last run knew. */
  readonly listed: ListedFiles | undefined;
  /** When each finding of the last run was first seen, by its name, in ms since the epoch. */
  readonly pending: ReadonlyMap<string, number>;
  readonly databases: ReadonlyMap<string, DatabaseState>;
}

const format = 1;
/** A file that is larger is no state. */
const spansMax = 200_000;

/** Returns an empty state. */
function newState(instance: string, server: string, nowMs: number): WatchState {
  return {
    instance,
    server,
    sinceMs: nowMs,
    lastRunMs: undefined,
    listed: undefined,
    pending: new Map(),
    databases: new Map(),
  };
}

/** Returns an empty state of a database. */
export function newDatabase(): DatabaseState {
  return { covered: new CoveredTime(), open: [], activeAskedMs: undefined };
}

/**
 * Reads what the last run left. A state of another watch, and one that is damaged, counts as none: then everything is compared.
 *
 * @throws RestoreError `STATE_UNUSABLE` if the file cannot be read
 */
export async function readState(path: string, instance: string, server: string, nowMs: number): Promise<WatchState> {
  let text: string | undefined;
  try {
    text = await ifExists(readFile(path, 'utf8'));
  } catch (cause) {
    throw unusable(path, 'read', cause);
  }
  const state = text === undefined ? undefined : parse(text);
  const isOurs = state?.instance === instance && state.server === server;
  // A state from the future would leave out what was compared by a clock that was wrong.
  return state !== undefined && isOurs && (state.lastRunMs ?? 0) <= nowMs ? state : newState(instance, server, nowMs);
}

/**
 * Replaces the state, whole or not at all.
 *
 * @throws RestoreError `STATE_UNUSABLE`
 */
export async function writeState(path: string, state: WatchState): Promise<void> {
  const next = `${path}.tmp`;
  try {
    const file = await openFile(next, 'w');
    try {
      await file.writeFile(encode(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw unusable(path, 'written', cause);
  }
}

function unusable(path: string, doing: string, cause: unknown): RestoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const todo = 'Name a file in a folder that may be written (stateFile, --state-file)';
  return new RestoreError('STATE_UNUSABLE', `The state ${path} cannot be ${doing}: ${reason}. ${todo}.`, { cause });
}

function encode({ instance, server, sinceMs, lastRunMs, listed, pending, databases }: WatchState): string {
  const all = [...databases].map(([name, { covered, open, activeAskedMs }]) => ({
    name,
    activeAskedMs,
    open: open.map(({ from, until }) => [`${from}`, `${until}`]),
    compared: covered.spans.map(({ from, until, comparedMs }) => [`${from}`, `${until}`, comparedMs]),
  }));
  return `${JSON.stringify({ format, instance, server, sinceMs, lastRunMs, listed, pending: [...pending], databases: all })}\n`;
}

function parse(text: string): WatchState | undefined {
  try {
    const { databases, ...rest } = JSON.parse(text) as StoredState;
    if (rest.format !== format || typeof rest.instance !== 'string' || typeof rest.server !== 'string')
      return undefined;
    const { instance, server, lastRunMs, listed } = rest;
    const sinceMs = moment(rest.sinceMs);
    if (sinceMs === undefined) return undefined;
    const all = databases.map(({ name, compared, open, activeAskedMs }): [string, DatabaseState] => [
      String(name),
      {
        covered: new CoveredTime(ordered(compared.map(comparedSpan))),
        open: open.map(([from, until]) => span(from, until)),
        activeAskedMs: moment(activeAskedMs),
      },
    ]);
    return {
      instance,
      server,
      sinceMs,
      lastRunMs: moment(lastRunMs),
      listed: listedFiles(listed),
      pending: new Map(rest.pending.map(([name, ms]) => [String(name), moment(ms) ?? 0])),
      databases: new Map(all),
    };
  } catch {
    return undefined; // it is damaged, or no state
  }
}

interface StoredState {
  readonly format: unknown;
  readonly instance: unknown;
  readonly server: unknown;
  readonly sinceMs: unknown;
  readonly lastRunMs: unknown;
  readonly listed: unknown;
  readonly pending: readonly (readonly [unknown, unknown])[];
  readonly databases: readonly {
    readonly name: unknown;
    readonly activeAskedMs: unknown;
    readonly open: readonly (readonly [string, string])[];
    readonly compared: readonly (readonly [string, string, unknown])[];
  }[];
}

function listedFiles(listed: unknown): ListedFiles | undefined {
  const { newestMs, newestKeys } = (listed ?? {}) as Record<keyof ListedFiles, unknown>;
  const at = moment(newestMs);
  if (at === undefined || !Array.isArray(newestKeys)) return undefined;
  return { newestMs: at, newestKeys: newestKeys.map(String) };
}

function moment(ms: unknown): number | undefined {
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function comparedSpan([from, until, comparedMs]: readonly [string, string, unknown]): ComparedSpan {
  const at = moment(comparedMs);
  if (at === undefined) throw new RangeError('a time that is none');
  return { ...span(from, until), comparedMs: at };
}

function span(from: string, until: string): TimeSpan {
  const [first, last] = [BigInt(from), BigInt(until)];
  if (first < timeMin || last > timeMax || first >= last) throw new RangeError('a span that is none');
  return { from: first, until: last };
}

function ordered(spans: readonly ComparedSpan[]): readonly ComparedSpan[] {
  if (spans.length > spansMax) throw new RangeError('too many spans');
  if (spans.some(({ from }, i) => i > 0 && from < (spans[i - 1] as ComparedSpan).until)) {
    throw new RangeError('spans that overlap');
  }
  return spans;
}
