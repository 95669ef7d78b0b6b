import { least } from '@ceres/internal';
import { describeFinding, type LedgerFinding, type SinkState } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import type { ResolvedComparison } from '../options/verify';
import type { PlanSource } from '../plan/plan';
import { isFault } from '../read/finding';
import { closedIn, readLedgers, toFileFinding } from '../read/missing';
import { joined, meetsAny, type TimeSpan } from './time-spans';
import { isLost, type Mismatch, type NotCompared, outcomeOf, type Verdict } from './verdict';

/** Heartbeats are stored every five minutes by default: asking more often would only cost requests. */
const askingMs = 5_000;

/** Compares the backup as it was listed, or, again, as it is now. */
type Compare = (isAgain: boolean) => Promise<Verdict>;

/**
 * Compares, and tells a difference from a file that is late: what a sink acked may still lie in its spool, so that the database holds it and the
 * bucket does not. A difference counts once every sink says that all it acked before the comparison is stored, and a second
 * comparison still finds it. Until then it is not compared, and the verdict is `INCOMPLETE`. Points that only the bucket holds are a difference at once.
 *
 * @param databases the compared databases, by their names on the server
 */
export async function compareUntilCertain(
  compare: Compare,
  { selection, unfinishedSeeds }: PlanSource,
  databases: readonly string[],
  options: ResolvedComparison,
): Promise<Verdict> {
  const { clock, waitMs, steps } = options;
  const startedMs = clock.now();
  const first = await compare(false);
  let ledgers = await readLedgers(selection);
  let living = livingOf(ledgers.sinks, selection);
  let verdict = first;
  if (first.mismatches.length > 0 && living.length > 0) {
    const endMs = startedMs + waitMs;
    if (waitMs > 0) steps.begin('sinks', waitMs);
    const isStored = () => living.every(({ storedUpToMs }) => storedUpToMs >= startedMs);
    while (!isStored() && clock.now() < endMs) {
      await clock.sleep(Math.min(askingMs, endMs - clock.now()), selection.signal);
      steps.set('sinks', clock.now() - startedMs);
      ledgers = await readLedgers(selection);
      living = livingOf(ledgers.sinks, selection);
    }
    const isCertain = isStored();
    const second = isCertain ? await compare(true) : first;
    const wasThere = isCertain ? spansOf(first.mismatches) : new Map<string, readonly TimeSpan[]>();
    const late = second.mismatches.filter((mismatch) => !isLost(mismatch) && !isIn(mismatch, wasThere, startedMs));
    verdict = { ...second, notCompared: [...second.notCompared, ...lateOf(late, living)] };
  }
  const found = [...ledgers.findings, ...unfinishedSeeds];
  const judged = withLedgers(verdict, found, databases, selection, options);
  return { ...judged, findings: [...judged.findings, ...closedIn(ledgers)] };
}

function livingOf(sinks: readonly SinkState[], { retired }: ResolvedSelection): SinkState[] {
  return sinks.filter(({ sink, isClosed }) => !isClosed && !retired.has(sink));
}

/** Returns the times of differences, by measurement. */
function spansOf(mismatches: readonly Mismatch[]): ReadonlyMap<string, readonly TimeSpan[]> {
  const spans = new Map<string, TimeSpan[]>();
  for (const mismatch of mismatches) {
    const known = spans.get(nameOf(mismatch));
    if (known === undefined) spans.set(nameOf(mismatch), [mismatch]);
    else known.push(mismatch);
  }
  return new Map([...spans].map(([name, own]) => [name, joined(own)]));
}

/** Returns whether a difference was there before, and is not of the time since: that is written to while we look. */
function isIn(mismatch: Mismatch, before: ReadonlyMap<string, readonly TimeSpan[]>, startedMs: number): boolean {
  if (mismatch.until > BigInt(startedMs) * 1_000_000n) return false;
  return meetsAny(mismatch, before.get(nameOf(mismatch)) ?? []);
}

interface Place {
  readonly database: string;
  readonly retentionPolicy?: string | undefined;
  readonly measurement?: string | undefined;
}

function nameOf({ database, retentionPolicy, measurement }: Place): string {
  return JSON.stringify([database, retentionPolicy, measurement]);
}

/** Returns each measurement with differences that may be late once. */
function lateOf(late: readonly Mismatch[], living: readonly SinkState[]): NotCompared[] {
  const upTo = new Date(least(living.map(({ storedUpToMs }) => storedUpToMs))).toISOString();
  const reason = `it differs, and may be late: sinks still run, and only what they acked before ${upTo} is certainly in the backup`;
  const gaps = new Map<string, NotCompared>();
  for (const { instance, database, retentionPolicy = '', measurement } of late) {
    const gap = { instance, database, retentionPolicy, measurement, side: 'backup' as const, reason };
    gaps.set(nameOf(gap), gap);
  }
  return [...gaps.values()];
}

/** Adds what the ledgers say is missing: nothing is known of how that compares. */
function withLedgers(
  verdict: Verdict,
  found: readonly LedgerFinding[],
  databases: readonly string[],
  selection: ResolvedSelection,
  { map }: ResolvedComparison,
): Verdict {
  const findings = found.filter((finding) => isFault(toFileFinding(finding)));
  const places = new Set(
    verdict.notCompared.map(({ database, retentionPolicy }) => nameOf({ database, retentionPolicy })),
  );
  const missing = findings.flatMap((finding): NotCompared[] => {
    const reason = describeFinding(finding);
    const partition = 'partition' in finding ? finding.partition : undefined;
    if (partition === undefined) {
      return databases.map((database) => ({ instance: selection.instance, database, side: 'backup', reason }));
    }
    const { instance, database, retentionPolicy } = partition;
    const policy = retentionPolicy === undefined ? {} : { retentionPolicy: map.retentionPolicy(retentionPolicy) };
    const place = { instance, database: map.database(database), ...policy, side: 'backup' as const };
    // A damaged file has another size as well: its place is named already.
    return finding.kind === 'resized' && places.has(nameOf(place)) ? [] : [{ ...place, reason }];
  });
  const notCompared = [...verdict.notCompared, ...missing];
  const outcome = outcomeOf(verdict.mismatches, notCompared);
  const all = [...verdict.findings, ...findings.map(toFileFinding)];
  return { ...verdict, notCompared, outcome, equal: outcome === 'EQUAL', findings: all };
}
