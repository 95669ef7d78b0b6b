import type { ObjectReader } from '@ceres/storage';
import type { Selection } from '../plan/types';
import { refuseUnknown, require, text } from './checks';

export const selectionKeys = [
  'storage',
  'instance',
  'databases',
  'retentionPolicies',
  'measurements',
  'from',
  'to',
  'openedFrom',
  'openedBefore',
  'shard',
  'signal',
] as const satisfies readonly (keyof Selection)[];

/** A selection as the inside sees it: every bound is there, and a set that is `undefined` does not filter. */
export interface ResolvedSelection {
  readonly storage: ObjectReader;
  readonly instance: string;
  readonly databases: ReadonlySet<string> | undefined;
  readonly retentionPolicies: ReadonlySet<string> | undefined;
  readonly measurements: ReadonlySet<string> | undefined;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  readonly openedFrom: number;
  readonly openedBefore: number;
  readonly shard: { readonly index: number; readonly of: number };
  readonly signal: AbortSignal | undefined;
}

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveSelection(selection: Selection): ResolvedSelection {
  refuseUnknown(selection, selectionKeys, 'A selection');
  const { storage, instance, from, to, openedFrom, openedBefore, shard, signal } = selection;
  require(typeof storage?.list === 'function' && typeof storage.get === 'function', 'storage must have list and get.');
  text('instance', instance);
  for (const [name, time] of Object.entries({ from, to })) {
    require(time === undefined || typeof time === 'bigint', `${name} must be a bigint: ns since the epoch.`);
  }
  for (const [name, time] of Object.entries({ openedFrom, openedBefore })) {
    require(time === undefined || Number.isFinite(time), `${name} must be a number: ms since the epoch.`);
  }
  require(from === undefined || to === undefined || from < to, 'from must be before to: nothing lies between them.');
  require((openedFrom ?? -Infinity) < (openedBefore ?? Infinity), 'openedFrom must be before openedBefore.');
  return Object.freeze({
    storage,
    instance,
    databases: names('databases', selection.databases),
    retentionPolicies: names('retentionPolicies', selection.retentionPolicies),
    measurements: names('measurements', selection.measurements),
    from,
    to,
    openedFrom: openedFrom ?? -Infinity,
    openedBefore: openedBefore ?? Infinity,
    shard: resolveShard(shard),
    signal,
  });
}

function names(option: string, list: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (list === undefined) return undefined;
  require(Array.isArray(list) && list.every((name) => typeof name === 'string'), `${option} must be a list of names.`);
  require(list.length > 0, `${option} is empty and selects nothing. Leave it out to select all.`);
  return new Set(list);
}

function resolveShard(shard: Selection['shard']): { readonly index: number; readonly of: number } {
  if (shard === undefined) return { index: 0, of: 1 };
  refuseUnknown(shard, ['index', 'of'], 'shard');
  const { index, of } = shard;
  const ok = Number.isSafeInteger(index) && Number.isSafeInteger(of) && index >= 0 && index < of;
  require(ok, `shard ${index}/${of} does not exist: index runs from 0 to of - 1.`);
  return { index, of };
}
