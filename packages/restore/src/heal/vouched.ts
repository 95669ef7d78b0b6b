import { least } from '@ceres/internal';
import { describeFinding, type LedgerFinding, type SinkState } from '@ceres/storage';
import type { ResolvedHeal } from '../options/heal';
import type { ResolvedSelection } from '../options/selection';
import { readAllLedgers } from '../read/missing';
import { listed, type Objection, refuseFor } from './objections';

/** How soon heartbeats are read again while a sink is late: at first, and at most. */
const askingMsMin = 250;
const askingMsMax = 5_000;

export interface VouchSettings {
  readonly selection: ResolvedSelection;
  readonly options: Pick<ResolvedHeal, 'accept' | 'clock' | 'verify'>;
}

/** What speaks against it that the backup holds all that was acked before a time. */
interface Doubt {
  readonly late: readonly SinkState[];
  readonly findings: readonly LedgerFinding[];
  /** The running sinks that are not silent: what they hold is on its way. */
  readonly awaited: ReadonlySet<string>;
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
export async function waitUntilVouched(beforeMs: number, settings: VouchSettings): Promise<Objection | undefined> {
  const { clock, verify } = settings.options;
  const { signal } = settings.selection;
  const endMs = clock.now() + verify.waitMs;
  for (let attempt = 0; ; attempt += 1) {
    const doubt = await doubtOf(beforeMs, settings);
    const leftMs = endMs - clock.now();
    if (doubt.late.length === 0 || leftMs <= 0) return against(doubt);
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
  refuseFor(unvouchedBy(await lastingDoubt(settings)));
}

/**
 * Returns what no wait would change: files that are lost, or that no ledger vouches for. A sink that is silent may speak again, so it is named
 * if something else is found, and alone it is waited for.
 *
 * @param isRefused something else speaks against writing
 * @throws StorageError
 */
export async function ofLedgers(settings: VouchSettings, isRefused: boolean): Promise<Objection[]> {
  const doubt = await lastingDoubt(settings);
  const isSilenceAlone = doubt.noLedger === undefined && doubt.findings.every(({ kind }) => kind === 'silent');
  return isSilenceAlone && !isRefused ? [] : unvouchedBy(doubt);
}

async function lastingDoubt(settings: VouchSettings): Promise<Doubt> {
  const doubt = await doubtOf(Number.NEGATIVE_INFINITY, settings);
  return { ...doubt, findings: doubt.findings.filter((finding) => !isOnItsWay(finding, doubt)) };
}

function isOnItsWay(finding: LedgerFinding, { awaited }: Pick<Doubt, 'awaited'>): boolean {
  return finding.kind === 'late' && awaited.has(finding.sink);
}

async function doubtOf(beforeMs: number, { selection, options: { accept } }: VouchSettings): Promise<Doubt> {
  const { sinks, findings } = await readAllLedgers(selection);
  const silent = new Map(findings.flatMap((one) => (one.kind === 'silent' ? [[one.sink, one.name]] : [])));
  const living = sinks.filter(({ sink, isClosed }) => {
    return !isClosed && !selection.retired.has(sink) && !accept.has(silent.get(sink) ?? '');
  });
  const noLedger = `no-ledger/${selection.instance}`;
  return {
    late: living.filter(({ storedUpToMs }) => storedUpToMs < beforeMs),
    findings: findings.filter(({ name }) => !accept.has(name)),
    awaited: new Set(living.flatMap(({ sink }) => (silent.has(sink) ? [] : [sink]))),
    noLedger: sinks.length === 0 && !accept.has(noLedger) ? noLedger : undefined,
  };
}

/** Returns all of a doubt as one objection. */
function against(doubt: Doubt): Objection | undefined {
  const late = new Set(doubt.late.map(({ sink }) => sink));
  const findings = doubt.findings.filter((finding) => {
    return !(finding.kind === 'silent' && late.has(finding.sink)) && !(isOnItsWay(finding, doubt) && late.size > 0);
  });
  const all = [...tooLate(doubt), ...unvouchedBy({ ...doubt, findings })];
  if (all.length === 0) return undefined;
  return { why: all.map(({ why }) => why).join(' '), accept: all.flatMap(({ accept = [] }) => accept) };
}

function unvouchedBy({ findings, noLedger }: Pick<Doubt, 'findings' | 'noLedger'>): Objection[] {
  if (findings.length === 0 && noLedger === undefined) return [];
  const named = [
    ...findings.map((finding) => `${finding.name} (${describeFinding(finding)})`),
    ...(noLedger === undefined ? [] : [`${noLedger} (no sink keeps a ledger of these files)`]),
  ];
  const what = `No ledger vouches that the backup holds the newest values: ${listed(named)}`;
  const todo =
    'If a sink is gone for good, name it with retired (--retired); if the rest is known, name each with accept (--accept)';
  const accept = [...findings.map(({ name }) => name), ...(noLedger === undefined ? [] : [noLedger])];
  return [{ why: `${what}. ${todo}.`, accept }];
}

function tooLate({ late, findings }: Doubt): Objection[] {
  if (late.length === 0) return [];
  const silent = new Map(findings.flatMap((one) => (one.kind === 'silent' ? [[one.sink, one.name]] : [])));
  const upTo = new Date(least(late.map(({ storedUpToMs }) => storedUpToMs))).toISOString();
  const what = `Newer values may be in the spools of sinks that are late or silent, and only what they acked before ${upTo} is certainly in the backup`;
  const todo =
    'Wait longer (waitMs, --wait), start the sinks, or, if one is gone for good, name it with retired (--retired)';
  const orAccept = silent.size === 0 ? '' : '; if the silence is known, name its finding with accept (--accept)';
  const named = late.map(({ sink, dueMs }) => {
    const finding = silent.get(sink);
    if (finding !== undefined) return `${sink} (silent: ${finding})`;
    return dueMs === undefined ? sink : `${sink} (it says more by ${new Date(dueMs).toISOString()})`;
  });
  const accept = late.flatMap(({ sink }) => silent.get(sink) ?? []);
  return [{ why: `${what}: ${listed(named)}. ${todo}${orAccept}.`, accept }];
}
