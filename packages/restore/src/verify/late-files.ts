import { describeFinding, type LedgerFinding, type SinkState } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import type { ResolvedComparison } from '../options/verify';
import { isFault } from '../read/finding';
import { readLedgers, toFileFinding } from '../read/missing';
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
  selection: ResolvedSelection,
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
    const late = second.mismatches.filter(
      (mismatch) => !isLost(mismatch) && !(isCertain && isIn(mismatch, first.mismatches, startedMs)),
    );
    verdict = { ...second, notCompared: [...second.notCompared, ...lateOf(late, living)] };
  }
  return withLedgers(verdict, ledgers.findings, databases, options);
}

function livingOf(sinks: readonly SinkState[], { retired }: ResolvedSelection): SinkState[] {
  return sinks.filter(({ sink, isClosed }) => !isClosed && !retired.has(sink));
}

/** Returns whether a difference was there before, and is not of the time since: that is written to while we look. */
function isIn(mismatch: Mismatch, before: readonly Mismatch[], startedMs: number): boolean {
  if (mismatch.until > BigInt(startedMs) * 1_000_000n) return false;
  return before.some(
    (one) =>
      one.database === mismatch.database &&
      one.retentionPolicy === mismatch.retentionPolicy &&
      one.measurement === mismatch.measurement &&
      one.from < mismatch.until &&
      mismatch.from < one.until,
  );
}

function isPlaceOf(gap: NotCompared, place: Pick<NotCompared, 'database' | 'retentionPolicy'>): boolean {
  return gap.database === place.database && gap.retentionPolicy === place.retentionPolicy;
}

/** Returns each measurement with differences that may be late once. */
function lateOf(late: readonly Mismatch[], living: readonly SinkState[]): NotCompared[] {
  const upTo = new Date(Math.min(...living.map(({ storedUpToMs }) => storedUpToMs))).toISOString();
  const reason = `it differs, and may be late: sinks still run, and only what they acked before ${upTo} is certainly in the backup`;
  const gaps = new Map<string, NotCompared>();
  for (const { instance, database, retentionPolicy = '', measurement } of late) {
    const gap = { instance, database, retentionPolicy, measurement, side: 'backup' as const, reason };
    gaps.set(JSON.stringify([database, retentionPolicy, measurement]), gap);
  }
  return [...gaps.values()];
}

/** Adds what the ledgers say is missing: nothing is known of how that compares. */
function withLedgers(
  verdict: Verdict,
  found: readonly LedgerFinding[],
  databases: readonly string[],
  { map }: ResolvedComparison,
): Verdict {
  const findings = found.filter((finding) => isFault(toFileFinding(finding)));
  const missing = findings.flatMap((finding): NotCompared[] => {
    const reason = describeFinding(finding);
    if (!('partition' in finding)) {
      return databases.map((database) => ({ instance: finding.instance, database, side: 'backup', reason }));
    }
    const { instance, database, retentionPolicy } = finding.partition;
    const policy = retentionPolicy === undefined ? {} : { retentionPolicy: map.retentionPolicy(retentionPolicy) };
    const place = { instance, database: map.database(database), ...policy, side: 'backup' as const };
    // A damaged file has another size as well: its place is named already.
    return finding.kind === 'resized' && verdict.notCompared.some((gap) => isPlaceOf(gap, place))
      ? []
      : [{ ...place, reason }];
  });
  const notCompared = [...verdict.notCompared, ...missing];
  const outcome = outcomeOf(verdict.mismatches, notCompared);
  const all = [...verdict.findings, ...findings.map(toFileFinding)];
  return { ...verdict, notCompared, outcome, equal: outcome === 'EQUAL', findings: all };
}
