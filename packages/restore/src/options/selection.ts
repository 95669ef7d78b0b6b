import type { ObjectReader } from '@ceres/storage';
import { SeedIndex } from '@ceres/storage/internal';
import type { Selection } from '../plan/types';
import { check, checkTexts } from './checks';

export const selectionNames = [
  'storage',
  'instance',
  'databases',
  'retentionPolicies',
  'measurements',
  'from',
  'until',
  'openedFrom',
  'openedBefore',
  'shard',
  'exclude',
  'keepMs',
  'retired',
  'signal',
] as const satisfies readonly (keyof Selection)[];

/** A validated selection: every bound is there, and a set that is `undefined` does not filter. */
export interface ResolvedSelection {
  readonly storage: ObjectReader;
  readonly instance: string;
  readonly databases: ReadonlySet<string> | undefined;
  readonly retentionPolicies: ReadonlySet<string> | undefined;
  readonly measurements: ReadonlySet<string> | undefined;
  readonly from: bigint | undefined;
  readonly until: bigint | undefined;
  readonly openedFrom: number;
  readonly openedBefore: number;
  readonly shard: { readonly index: number; readonly of: number };
  /** Keys of files that are left out. */
  readonly exclude: ReadonlySet<string>;
  readonly keepMs: number | undefined;
  readonly retired: ReadonlySet<string>;
  /** The seeds of the instance. A selection that was only checked knows none: `withSeeds` reads them. */
  readonly seeds: SeedIndex;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads the members of a selection; the caller has checked the names, since it may take more of them.
 *
 * @throws RestoreError `INVALID_OPTIONS`
 */
export function resolveSelection(selection: Selection): ResolvedSelection {
  const { storage, from, until, openedFrom = -Infinity, openedBefore = Infinity, signal } = selection;
  check.methods('storage', storage, ['list', 'get'], "new LocalStorage('/var/backups/influx')");
  checkPointTime('from', from);
  checkPointTime('until', until);
  checkFileTime('openedFrom', selection.openedFrom);
  checkFileTime('openedBefore', selection.openedBefore);
  const isInOrder = from === undefined || until === undefined || from < until;
  check.that(isInOrder, 'until', `later than \`from\`, which is ${from}`, until);
  check.that(
    openedFrom < openedBefore,
    'openedBefore',
    `later than \`openedFrom\`, which is ${openedFrom}`,
    openedBefore,
  );
  check.signal(signal);
  return Object.freeze({
    storage,
    instance: check.text('instance', selection.instance, 'influxdb-0'),
    databases: nameSet('databases', selection.databases),
    retentionPolicies: nameSet('retentionPolicies', selection.retentionPolicies),
    measurements: nameSet('measurements', selection.measurements),
    from,
    until,
    openedFrom,
    openedBefore,
    shard: resolveShard(selection.shard),
    exclude: checkTexts('exclude', selection.exclude ?? [], 'a list of keys of files'),
    keepMs: checkKeepMs(selection.keepMs),
    retired: checkTexts('retired', selection.retired ?? [], 'a list of ids of sinks, as `ceres status` shows them'),
    seeds: new SeedIndex(),
    signal,
  });
}

/** Returns whether a selection leaves out points of the files that it selects. */
export function selectsPoints({ from, until, measurements }: ResolvedSelection): boolean {
  return from !== undefined || until !== undefined || measurements !== undefined;
}

/** Returns the time after which lifecycle rules delete files, checked. */
export function checkKeepMs(keepMs: number | undefined): number | undefined {
  if (keepMs === undefined) return undefined;
  return check.number('keepMs', keepMs, { min: 1, max: Number.MAX_SAFE_INTEGER, unit: 'milliseconds' });
}

function checkPointTime(name: string, time: unknown): void {
  check.that(time === undefined || typeof time === 'bigint', name, 'a bigint, nanoseconds since the epoch', time);
}

function checkFileTime(name: string, time: unknown): void {
  check.that(time === undefined || Number.isFinite(time), name, 'a number, milliseconds since the epoch', time);
}

function nameSet(option: string, names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (names === undefined) return undefined;
  const isGood = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
  check.that(isGood, option, 'a list of at least one name (leave it out to select everything)', names);
  return new Set(names);
}

function resolveShard(shard: Selection['shard']): { readonly index: number; readonly of: number } {
  if (shard === undefined) return { index: 0, of: 1 };
  check.names('shard', shard, ['index', 'of']);
  const { index, of } = shard;
  const isGood = Number.isSafeInteger(index) && Number.isSafeInteger(of) && index >= 0 && index < of;
  check.that(isGood, 'shard', 'two whole numbers, `index` from 0 to `of` - 1', shard);
  return { index, of };
}
