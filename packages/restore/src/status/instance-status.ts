import { greatest, least } from '@ceres/internal';
import type { LedgerFinding, LedgerSurvey } from '@ceres/storage';
import { isFault } from '../read/finding';
import type { InstanceTally } from './instance-tally';
import { seedStatus } from './seed-status';
import type { InstanceStatus, StatusOptions } from './types';

/** Returns the instance that a finding is about. */
export function instanceOf(finding: LedgerFinding): string {
  return 'instance' in finding ? finding.instance : finding.partition.instance;
}

/** Says of each instance what the listing, its ledgers and its seeds show. */
export function instanceStatuses(
  names: readonly string[],
  tallyOf: (name: string) => InstanceTally,
  survey: LedgerSurvey,
  { accept, retired }: StatusOptions,
): InstanceStatus[] {
  const sinks = byInstance(survey.sinks, (sink) => sink.instance);
  const findings = byInstance(survey.findings, instanceOf);
  const closed = byInstance(survey.closed, ({ partition }) => partition.instance);
  const seeds = byInstance(survey.seeds.seeds, ({ manifest }) => manifest.instance);
  const judging = { accepted: new Set(accept), retired: new Set(retired) };
  return names.map((name) => {
    const said = {
      sinks: sinks.get(name) ?? [],
      findings: findings.get(name) ?? [],
      closed: closed.get(name) ?? [],
      seeds: seeds.get(name) ?? [],
      index: survey.seeds,
    };
    return instanceStatus(name, tallyOf(name), said, judging);
  });
}

function byInstance<T>(items: readonly T[], instanceOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const all = new Map<string, T[]>();
  for (const item of items) {
    const known = all.get(instanceOf(item));
    if (known === undefined) all.set(instanceOf(item), [item]);
    else known.push(item);
  }
  return all;
}

/** The names of findings that are accepted, and the ids of sinks that are gone for good. */
interface Judging {
  readonly accepted: ReadonlySet<string>;
  readonly retired: ReadonlySet<string>;
}

/** What the ledgers and the seeds of one instance say, and what all seeds make up for. */
interface Said extends Pick<LedgerSurvey, 'sinks' | 'findings' | 'closed'> {
  readonly seeds: LedgerSurvey['seeds']['seeds'];
  readonly index: LedgerSurvey['seeds'];
}

function instanceStatus(
  instance: string,
  { partitions, sequences }: InstanceTally,
  { sinks, findings: all, closed, seeds: ownSeeds, index }: Said,
  { accepted, retired }: Judging,
): InstanceStatus {
  const isAccepted = ({ name }: { readonly name: string }) => accepted.has(name);
  const findings = all.filter((finding) => !isAccepted(finding));
  const sequenceGaps = sequences
    .gaps(index)
    .map(({ finding }) => finding)
    .filter((finding) => isFault(finding) && !isAccepted(finding));
  const hasLedger = sinks.length > 0;
  const seeds = ownSeeds.map(seedStatus);
  const living = sinks.filter(({ sink, isClosed }) => !isClosed && !retired.has(sink));
  const storedUpToMs =
    living.length > 0
      ? least(living.map((sink) => sink.storedUpToMs))
      : greatest(sinks.map((sink) => sink.storedUpToMs));
  return {
    instance,
    isGood: (hasLedger || seeds.length > 0) && findings.length === 0 && sequenceGaps.length === 0,
    ...(hasLedger && { storedUpToMs }),
    hasLedger,
    partitions: partitions.partitions(),
    sinks,
    seeds,
    closed,
    findings,
    accepted: all.filter(isAccepted),
    sequenceGaps,
  };
}
