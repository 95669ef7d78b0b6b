import type { Selection } from '@ceres/restore';
import { type Command, InvalidArgumentError } from 'commander';
import type { Terminal } from '../terminal';
import { withOneInstance } from './environment';
import { openStorage } from './storage-url';
import { collect, onlyGiven, parseDuration, parseFileTime, parsePointTime } from './values';

/** The options that say which files, and which points in them, a command works on. */
export interface SelectionOptions
  extends Pick<Selection, 'instance' | 'from' | 'until' | 'openedFrom' | 'openedBefore' | 'exclude' | 'shard'> {
  readonly db?: readonly string[];
  readonly policy?: readonly string[];
  readonly measurement?: readonly string[];
  readonly keep?: number;
  readonly retired?: readonly string[];
}

/** Adds the options that select files by their names. */
export function withFileSelection(command: Command): Command {
  return withOneInstance(command)
    .option('--db <name>', 'only this database (repeatable)', collect)
    .option('--policy <name>', "only this retention policy; '' is the default policy (repeatable)", collect)
    .option('--opened-from <time>', 'only files opened at or after this time', parseFileTime)
    .option(
      '--opened-before <time>',
      'only files opened before this time, such as just before a bad deploy',
      parseFileTime,
    )
    .option('--exclude <key>', 'leave the file with this key out (repeatable)', collect);
}

/** Adds the options that say which files and sinks are gone as they should be. */
export function withKnownLosses(command: Command): Command {
  return command
    .option('--keep <duration>', 'files older than this, such as 90d, were deleted by a lifecycle rule', parseDuration)
    .option('--retired <sink>', 'this sink is gone for good, and may be silent (repeatable)', collect);
}

/** Adds the options that select points by their measurements and times. */
export function withPointsWithin(command: Command): Command {
  return command
    .option('--measurement <name>', 'only this measurement (repeatable)', collect)
    .option(
      '--from <time>',
      'only points at or after this time, such as 2026-11-23T08:15:00Z, or -2h for two hours ago',
      parsePointTime,
    )
    .option('--until <time>', 'only points before this time', parsePointTime);
}

/** Adds the options that select files by their names, and points by what the files hold. */
export function withPointSelection(command: Command, divided = 'so that n machines share the work'): Command {
  const selecting = withPointsWithin(withKnownLosses(withFileSelection(command)));
  return selecting.option('--shard <i/n>', `only part i of n, counted from 0, ${divided}`, parseShard);
}

export async function toSelection(url: URL, options: SelectionOptions, terminal: Terminal): Promise<Selection> {
  const { keep, retired } = options;
  const { instance, db, policy, measurement, from, until, openedFrom, openedBefore, exclude, shard } = options;
  return onlyGiven<Selection>({
    storage: await openStorage(url, terminal),
    instance,
    databases: db,
    retentionPolicies: policy,
    measurements: measurement,
    from,
    until,
    openedFrom,
    openedBefore,
    exclude,
    shard,
    keepMs: keep,
    retired,
    signal: terminal.signal,
  });
}

function parseShard(text: string): { index: number; of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index >= of) {
    throw new InvalidArgumentError('Expected a part, such as 0/4, 1/4, 2/4 or 3/4.');
  }
  return { index, of };
}
