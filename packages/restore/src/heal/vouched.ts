import { least } from '@ceres/internal';
import { describeFinding, type LedgerFinding, type SinkState } from '@ceres/storage';
import { RestoreError } from '../errors';
import type { ResolvedHeal } from '../options/heal';
import type { ResolvedSelection } from '../options/selection';
import { type FileFinding, isFault } from '../read/finding';
import { readAllLedgers } from '../read/missing';

/** How soon heartbeats are read again while a sink is late: at first, and at most. */
const askingMsMin = 250;
const askingMsMax = 5_000;
/** A message names this many. */
const namesMax = 10;

export interface VouchSettings {
  readonly selection: ResolvedSelection;
  readonly options: Pick<ResolvedHeal, 'accept' | 'clock' | 'verify'>;
}

/** What speaks against it that the backup holds all that was acked before a time. */
interface Doubt {
  readonly late: readonly SinkState[];
  readonly findings: readonly LedgerFinding[];
  /** The name by which an operator accepts that no sink keeps a ledger, if none does. */
  readonly noLedger: string | undefined;
}

/**
 * Waits until the heartbeat of every sink says that everything that it acked before a time is stored, and nothing speaks against the
 * ledgers: what differs then is no newer value that is still on its way.
 *
 * @param beforeMs the time, in ms since the epoch
 * @returns why that is not certain, if it is not after the longest time to wait
 * @throws StorageError; the signal's reason
 */
export async function waitUntilVouched(beforeMs: number, settings: VouchSettings): Promise<string | undefined> {
  const { clock, verify } = settings.options;
  const { signal } = settings.selection;
  const endMs = clock.now() + verify.waitMs;
  for (let attempt = 0; ; attempt += 1) {
    const doubt = await doubtOf(beforeMs, settings);
    if (doubt.late.length === 0) return against(doubt);
    const leftMs = endMs - clock.now();
    if (leftMs <= 0) return tooLate(doubt.late);
    if (attempt === 0) verify.steps.begin('sinks', verify.waitMs);
    await clock.sleep(Math.min(askingMsMin * 2 ** attempt, askingMsMax, leftMs), signal);
    verify.steps.set('sinks', verify.waitMs - Math.max(0, endMs - clock.now()));
  }
}

/**
 * Refuses what waiting would not change: sinks that are silent, and files that no ledger vouches for.
 *
 * @throws RestoreError `HEAL_REFUSED`; StorageError
 */
export async function refuseUnvouched(settings: VouchSettings): Promise<void> {
  const doubt = await doubtOf(Number.NEGATIVE_INFINITY, settings);
  const findings = doubt.findings.filter(({ kind }) => kind !== 'late');
  const why = against({ ...doubt, findings });
  if (why !== undefined) throw refused(why);
}

/** Returns the error for a heal that nothing was written for. */
export function refused(why: string): RestoreError {
  return new RestoreError('HEAL_REFUSED', `Nothing was written. ${why}`);
}

/** Returns the error for a restore beside live writes whose values cannot be judged. */
export function unfinished(why: string): RestoreError {
  const what =
    'The files are restored, but values that were written at the same time may have been replaced by older ones';
  const again = 'Then run the same command again: it compares, and repeats nothing else.';
  return new RestoreError('HEAL_REFUSED', `${what}. ${why} ${again}`);
}

async function doubtOf(beforeMs: number, { selection, options: { accept } }: VouchSettings): Promise<Doubt> {
  const { sinks, findings } = await readAllLedgers(selection);
  const silent = new Set(findings.flatMap((one) => (one.kind === 'silent' && accept.has(one.name) ? [one.sink] : [])));
  const living = sinks.filter(({ sink, isClosed }) => !isClosed && !selection.retired.has(sink) && !silent.has(sink));
  const noLedger = `no-ledger/${selection.instance}`;
  return {
    late: living.filter(({ storedUpToMs }) => storedUpToMs < beforeMs),
    findings: findings.filter(({ name }) => !accept.has(name)),
    noLedger: sinks.length === 0 && !accept.has(noLedger) ? noLedger : undefined,
  };
}

/**
 * Refuses to heal from files of which some are damaged or missing: they may hold newer values.
 *
 * @throws RestoreError `HEAL_REFUSED`
 */
export function refuseDamagedBackup(findings: readonly FileFinding[], { accept }: ResolvedHeal): void {
  const found = findings.filter((finding) => isFault(finding) && !accept.has(finding.name));
  if (found.length === 0) return;
  const named = listed(found.map(({ name, reason }) => `${name} (${reason})`));
  const what = `Files of the backup are damaged or missing, and may hold newer values: ${named}`;
  const todo = 'Repair them, or, if that is known, name each with accept (--accept)';
  throw refused(`${what}. ${todo}.`);
}

function against({ findings, noLedger }: Doubt): string | undefined {
  if (findings.length === 0 && noLedger === undefined) return undefined;
  const named = [
    ...findings.map((finding) => `${finding.name} (${describeFinding(finding)})`),
    ...(noLedger === undefined ? [] : [`${noLedger} (no sink keeps a ledger of these files)`]),
  ];
  const what = `No ledger vouches that the backup holds the newest values: ${listed(named)}`;
  const todo =
    'If a sink is gone for good, name it with retired (--retired); if the rest is known, name each with accept (--accept)';
  return `${what}. ${todo}.`;
}

function tooLate(late: readonly SinkState[]): string {
  const upTo = new Date(least(late.map(({ storedUpToMs }) => storedUpToMs))).toISOString();
  const what = `Newer values may be in the spools of sinks that are late or silent, and only what they acked before ${upTo} is certainly in the backup`;
  const todo =
    'Wait longer (waitMs, --wait), start the sinks, or, if one is gone for good, name it with retired (--retired)';
  const named = late.map(({ sink, dueMs }) => {
    return dueMs === undefined ? sink : `${sink} (it says more by ${new Date(dueMs).toISOString()})`;
  });
  return `${what}: ${listed(named)}. ${todo}.`;
}

function listed(names: readonly string[]): string {
  const more = names.length - namesMax;
  return [...names.slice(0, namesMax), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
