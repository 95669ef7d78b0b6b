import { countOf } from '@ceres/internal';
import type { Verdict as Comparison, FileFinding, InstanceStatus, RestoreReport } from '@ceres/restore';
import { describeFinding } from '@ceres/storage';
import type { Verdict } from './certificate/certificate';

/** Everything that a verdict is made of. */
export interface Evidence {
  readonly status: InstanceStatus;
  /** Absent if the restore did not end. */
  readonly restored?: RestoreReport;
  /** Absent if the comparison did not end. */
  readonly comparison?: Comparison;
  /** Why the drill could not go on, in words. */
  readonly obstacle?: string;
  /** The names of findings that are known. */
  readonly accept: ReadonlySet<string>;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** More reasons would say nothing new. */
const reasonsMax = 1_000;

/**
 * Judges a drill. What is missing, damaged or different is a FAIL, whatever else could not be judged. Without such a thing, it is INCONCLUSIVE if anything
 * could not be compared, or if nothing says whether more should be there.
 */
export function judge(evidence: Evidence): Judgement {
  const faults = [...new Set(faultsIn(evidence))];
  if (faults.length > 0) return { verdict: 'FAIL', reasons: faults.slice(0, reasonsMax) };
  const doubts = [...new Set(doubtsIn(evidence))];
  if (doubts.length > 0) return { verdict: 'INCONCLUSIVE', reasons: doubts.slice(0, reasonsMax) };
  return { verdict: 'PASS', reasons: [] };
}

/** Returns what certainly speaks against the backup. */
function faultsIn({ status, restored, comparison, accept }: Evidence): string[] {
  const isKnown = ({ name }: Pick<FileFinding, 'name'>) => accept.has(name);
  const faults = status.findings.filter((finding) => !isDoubt(finding, status)).map(describeFinding);
  faults.push(...status.sequenceGaps.map(({ reason }) => reason));
  if (restored !== undefined) {
    for (const finding of restored.damagedFiles) if (!isKnown(finding)) faults.push(fileText(finding));
    for (const { database, retentionPolicy, reason } of restored.leftOut) {
      faults.push(`${placeOf(database, retentionPolicy)} could not be restored: ${reason}`);
    }
    const { rejected, expired, typeConflicts } = restored;
    if (rejected > 0) faults.push(`InfluxDB refused ${countOf(rejected, 'record')}${typesOf(typeConflicts)}`);
    if (expired > 0) faults.push(`${countOf(expired, 'record was', 'records were')} older than the server keeps`);
  }
  if (comparison !== undefined) {
    for (const finding of comparison.findings) {
      if (!isHarmless(finding) && !isKnown(finding) && !isVouched(finding, status)) faults.push(fileText(finding));
    }
    if (comparison.outcome === 'NOT EQUAL') faults.push(...comparison.mismatches.map(mismatchText));
    for (const { database, retentionPolicy } of comparison.absentPolicies) {
      faults.push(`${placeOf(database, retentionPolicy)} is not on the server`);
    }
  }
  return faults;
}

/** Returns what keeps a drill without faults from being a PASS. */
function doubtsIn({ status, comparison, obstacle, accept }: Evidence): string[] {
  const doubts = obstacle === undefined ? [] : [obstacle];
  doubts.push(...status.findings.filter((finding) => isDoubt(finding, status)).map(describeFinding));
  if (!status.hasLedger && status.seeds.length + status.accepted.length === 0) {
    doubts.push('no ledger and no seed says which files there should be, so that a missing one cannot be noticed');
  }
  if (comparison === undefined) {
    if (obstacle === undefined) doubts.push('nothing was compared');
    return doubts;
  }
  const vouched = new Set(
    comparison.findings.filter((finding) => isVouched(finding, status)).map(({ reason }) => reason),
  );
  const open = comparison.notCompared.filter(
    ({ key, reason }) => !(key !== undefined && accept.has(key)) && !vouched.has(reason),
  );
  doubts.push(
    ...open.map(({ database, retentionPolicy, measurement, reason }) => {
      const place = placeOf(database, retentionPolicy);
      return `${place}${measurement === undefined ? '' : `, ${measurement}`} was not compared: ${reason}`;
    }),
  );
  return doubts;
}

/**
 * Returns whether a finding says only that something is not known: what a silent sink acked since, and what else there was, where no sink keeps a ledger.
 */
function isDoubt({ kind }: InstanceStatus['findings'][number], { hasLedger }: InstanceStatus): boolean {
  return kind === 'silent' || (kind === 'unvouched' && !hasLedger);
}

/** A file without a footer is of an older system; what a seed has made up for is no loss; ledgers are judged by the status. */
function isHarmless({ problem, closed }: FileFinding): boolean {
  return problem === 'unsealed' || problem === 'silent' || closed === true;
}

/**
 * Returns whether a gap in the numbers of files is only one of uploads: files are stored beside each other, and the listing of a drill may have a later one
 * and not yet an earlier one. Ledgers name what is stored and what is on its way, so where they find nothing missing, nothing is.
 */
function isVouched({ problem }: FileFinding, { hasLedger, findings, sequenceGaps }: InstanceStatus): boolean {
  return problem === 'gap' && hasLedger && findings.length + sequenceGaps.length === 0;
}

function fileText({ key, reason }: FileFinding): string {
  return key === undefined ? reason : `${key}: ${reason}`;
}

type Mismatch = Comparison['mismatches'][number];

function mismatchText({ database, retentionPolicy, measurement, fields, from, until, ...counts }: Mismatch): string {
  const times = `${timeText(from)} to ${timeText(until)}`;
  const { inBackup, inDatabase } = counts;
  const what =
    inBackup === inDatabase ? `fields ${fields.join(', ')} differ` : `${inDatabase} of ${countOf(inBackup, 'point')}`;
  return `${placeOf(database, retentionPolicy)}, ${measurement}, ${times}: ${what}`;
}

function typesOf(conflicts: readonly string[]): string {
  return conflicts.length === 0 ? '' : `, among them: ${conflicts[0]}`;
}

function placeOf(database: string, retentionPolicy = ''): string {
  return retentionPolicy === '' ? database : `${database}.${retentionPolicy}`;
}

function timeText(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
