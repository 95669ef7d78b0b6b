import { describeFinding } from '@ceres/storage';
import type { CertifiedDrill } from './certificate/certificate';
import { forecastRestore } from './forecast/forecast';
import { thisMachine } from './forecast/machine';
import type { Judgement } from './judge';
import type { Outcome } from './outcome';

/** Says what a drill did and found, as its certificate does. */
export function describeDrill(outcome: Outcome, judgement: Judgement): CertifiedDrill {
  const { id, beganMs, endedMs, settings, status, server, stopwatch, earlier } = outcome;
  const seconds = stopwatch.seconds();
  const isRestored = outcome.restored !== undefined;
  const { route } = outcome;
  const drill: Omit<CertifiedDrill, 'recovery'> = {
    format: 'ceres-drill',
    version: 1,
    id,
    instance: settings.instance,
    ...judgement,
    began: timeText(beganMs),
    ended: timeText(endedMs),
    restored: restoredOf(outcome),
    whole: wholeOf(outcome),
    verified: verifiedOf(outcome),
    ledgers: {
      sinks: status.sinks.length,
      seeds: status.seeds.length,
      findings: [...status.findings.map(describeFinding), ...status.sequenceGaps.map(({ reason }) => reason)],
      accepted: status.accepted.map(describeFinding),
    },
    dataAtRisk: riskOf(outcome),
    seconds,
    versions: { ceres: outcome.ceresVersion, node: process.versions.node, influxdb: server.version },
    machine: thisMachine(),
  };
  const own = { route: route ?? null, seconds: isRestored ? sum(seconds.plan, seconds.restore) : null };
  const [gap] = drill.verdict === 'FAIL' ? judgement.reasons : drill.ledgers.findings;
  const itself = { ...drill, recovery: { ...own, forecast: { withheld: '' } }, digest: '', signature: null };
  const forecast = forecastRestore({
    certificates: [itself, ...earlier],
    route: route ?? 'native',
    bytes: drill.whole.bytes,
    lines: drill.whole.lines,
    gap,
    machine: drill.machine,
  });
  return { ...drill, recovery: { ...own, forecast } };
}

function restoredOf({ plan, restored, backup, sample, settings }: Outcome): CertifiedDrill['restored'] {
  const { databases, firstDay, lastDay } = sample ?? {};
  const days = { ...(firstDay !== undefined && { firstDay }), ...(lastDay !== undefined && { lastDay }) };
  return {
    plan: plan.id,
    newest: backup.newest({ ...(databases && { databases: new Set(databases) }), ...days }),
    files: plan.files,
    bytes: plan.bytes,
    lines: restored?.lines ?? null,
    partitions: plan.partitions.map(({ database, retentionPolicy = '', files, bytes }) => ({
      database,
      retentionPolicy,
      files,
      bytes,
    })),
    sample: sample
      ? {
          percent: settings.sample,
          databases: sample.databases,
          firstDay: sample.firstDay ?? null,
          lastDay: sample.lastDay ?? null,
        }
      : null,
  };
}

/** A drill of everything knows what it has restored; of a part, ledgers and names say how large the whole is. */
function wholeOf({ plan, sample, backup, status, restored }: Outcome): CertifiedDrill['whole'] {
  const lines = status.partitions.reduce((all, one) => all + one.lines, 0);
  if (sample === undefined) return { files: plan.files, bytes: plan.bytes, lines: restored?.lines ?? lines };
  const files = backup.partitions.reduce((all, one) => all + one.files, 0);
  return { files, bytes: backup.partitions.reduce((all, one) => all + one.bytes, 0), lines };
}

function verifiedOf({ comparison, server }: Outcome): CertifiedDrill['verified'] {
  if (comparison === undefined) return null;
  const { outcome, points, digests = [] } = comparison;
  const by = server.snapshot === undefined ? 'queries' : 'snapshot';
  return { level: 'content', by, outcome, points, contents: digests };
}

function riskOf({ status, beganMs }: Outcome): CertifiedDrill['dataAtRisk'] {
  const { storedUpToMs, sinks } = status;
  const isClosed = sinks.length > 0 && sinks.every((sink) => sink.isClosed);
  const count = (of: 'open' | 'spooled' | 'parked') => sinks.reduce((all, sink) => all + sink[of], 0);
  return {
    storedUpTo: storedUpToMs === undefined ? null : timeText(storedUpToMs),
    // Sinks that were closed have stored all they ever acked: nothing came since.
    seconds: storedUpToMs === undefined ? null : isClosed ? 0 : Math.max(0, beganMs - storedUpToMs) / 1_000,
    openFiles: count('open'),
    spooledFiles: count('spooled'),
    refusedFiles: count('parked'),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

/** Returns a sum of seconds without the digits that binary fractions add. */
function sum(a = 0, b = 0): number {
  return Math.round((a + b) * 1_000) / 1_000;
}
