import type { InfluxServer } from '@ceres/influx-http';
import type { Selection } from '../plan/types';
import { check, checkCallback, checkTexts, isServiceUrl, shownUrl } from './checks';
import { selectionNames } from './selection';
import {
  type ComparisonOptions,
  comparisonNames,
  type ProgressOptions,
  type ResolvedComparison,
  resolveVerify,
} from './verify';

/** What a heal would write, and what it would leave. */
export interface HealPreview {
  /** The points that the database lacks, and those of which some value is another one or lacking. */
  readonly missing: number;
  readonly different: number;
  /** The values that would be written. */
  readonly values: number;
  /** The points of the backup that were compared. */
  readonly compared: number;
  /** The first of them, each as both sides have it. */
  readonly examples: readonly HealedValue[];
}

/** A value that a heal writes. Names and strings are as a person sees them. */
export interface HealedValue {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly field: string;
  readonly inBackup: number | bigint | boolean | string;
  readonly inDatabase: number | bigint | boolean | string | undefined;
}

/** The options of `heal`. The whole backup of what is selected counts: no file of it can be left out. */
export interface HealOptions
  extends Omit<Selection, 'openedFrom' | 'openedBefore' | 'exclude'>,
    Omit<ComparisonOptions, 'points'>,
    ProgressOptions {
  /** `different` writes no point that the database lacks: somebody may have deleted it. Default: both. */
  readonly only?: 'different';
  /** The names of findings (`FileFinding.name`) that are known, so that they do not refuse a heal. Default: none. */
  readonly accept?: readonly string[];
  /** Heals although more than a tenth of the points differ. Default: false. */
  readonly largeDamage?: boolean;
  /** The fastest allowed rate of writing. Default: no limit. */
  readonly rateLinesPerSecond?: number;
  /** How long one write is retried while the server is down or overloaded, at least 1,000. Default: 10 minutes. */
  readonly patienceMs?: number;
  /** Is asked before the first write. Without a yes, nothing is written. Default: yes. */
  readonly confirm?: (preview: HealPreview) => boolean | Promise<boolean>;
}

/** The validated options of a heal. */
export interface ResolvedHeal {
  readonly verify: Exclude<ReturnType<typeof resolveVerify>, { level: 'files' }>;
  readonly to: InfluxServer;
  readonly serverUrl: string;
  readonly onlyDifferent: boolean;
  readonly accept: ReadonlySet<string>;
  readonly largeDamage: boolean;
  readonly rateLinesPerSecond: number;
  readonly patienceMs: number;
  readonly confirm: (preview: HealPreview) => boolean | Promise<boolean>;
  /** A restore beside live writes has just written what differs: it is not another database, and is healed part by part if it is very much. */
  readonly isAfterRestore: boolean;
  readonly clock: ResolvedComparison['clock'];
}

const ownNames = [
  'only',
  'accept',
  'largeDamage',
  'rateLinesPerSecond',
  'patienceMs',
  'confirm',
] as const satisfies readonly (keyof HealOptions)[];

const leavesOut = new Set(['openedFrom', 'openedBefore', 'exclude']);
/** Sinks write a heartbeat every five minutes, unless their options say otherwise. */
export const waitMsDefault = 15 * 60_000;

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveHeal(options: HealOptions): ResolvedHeal {
  const selecting = selectionNames.filter((name) => !leavesOut.has(name));
  const comparing = comparisonNames.filter((name) => name !== 'points');
  check.names('heal()', options, [...selecting, ...comparing, ...ownNames, 'onProgress']);
  const { only, accept = [], largeDamage = false, rateLinesPerSecond = Infinity, patienceMs = 600_000 } = options;
  const { confirm = () => true, waitMs = waitMsDefault, snapshot } = options;
  if (only !== undefined) check.oneOf('only', only, ['different'] as const);
  checkCallback('confirm', confirm);
  const isLive = snapshot === undefined || isServiceUrl(snapshot);
  check.that(isLive, 'snapshot', 'the snapshot service of the server that is healed, not a folder', snapshot);
  const compared = Object.fromEntries(
    Object.entries(options).filter(([name]) => !(ownNames as readonly string[]).includes(name)),
  ) as unknown as Omit<HealOptions, (typeof ownNames)[number]>;
  const verify = resolveVerify({ ...compared, level: 'content', waitMs });
  if (verify.level === 'files') throw new TypeError('a heal compares content');
  return {
    verify,
    to: options.to,
    serverUrl: shownUrl(options.to),
    onlyDifferent: only === 'different',
    accept: checkTexts('accept', accept, 'a list of names of findings, as `ceres status` and `ceres check` show them'),
    largeDamage: check.flag('largeDamage', largeDamage),
    rateLinesPerSecond: check.wholeNumber('rateLinesPerSecond', rateLinesPerSecond, { min: 1, max: Infinity }),
    patienceMs: check.wholeNumber('patienceMs', patienceMs, { min: 1_000, max: Infinity, unit: 'milliseconds' }),
    confirm,
    isAfterRestore: false,
    clock: verify.clock,
  };
}
