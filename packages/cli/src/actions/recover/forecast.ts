import { type Certificate, type Forecast, forecastRestore, readCertificates } from '@ceres/drill';
import type { InstanceStatus, RestorePlan } from '@ceres/restore';
import { describeFinding } from '@ceres/storage';
import { openStorage } from '../../options/storage-url';
import type { Estimate } from '../../output/results/recover/estimate';
import type { Terminal } from '../../terminal';

/** The options that say where certificates are, and how a restore works. */
interface ForecastingOptions {
  readonly certificates?: URL;
  readonly native?: string;
  readonly rate?: number;
}

/** Predicts how long the restore of a plan takes, from the last drills. */
export async function forecastPlan(
  url: URL,
  { certificates, native, rate }: ForecastingOptions,
  {
    plan,
    estimate,
    terminal,
  }: { readonly plan: RestorePlan; readonly estimate: Estimate; readonly terminal: Terminal },
): Promise<Forecast> {
  const [instance] = plan.partitions.map((partition) => partition.instance);
  if (instance === undefined) return { withheld: 'there is nothing to restore' };
  if (rate !== undefined) return { withheld: '--rate limits how fast it writes, and no drill does' };
  const drills = await drillsOf(certificates ?? url, instance, terminal);
  const gap = plan.missing.find(({ problem }) => problem !== 'silent')?.reason;
  const isKnown = estimate.filesUnknown === 0;
  return forecastRestore({
    certificates: drills,
    route: native === undefined ? 'write' : 'native',
    bytes: plan.bytes,
    lines: isKnown ? estimate.lines : undefined,
    gap,
  });
}

/** What drills say of an instance. */
export interface DrillStatus {
  /** The newest one, whatever its verdict. */
  readonly last: Certificate | undefined;
  /** How long a restore of everything takes, by the route of the newest drill that passed. */
  readonly forecast: Forecast;
}

/** Says what the last drills of an instance found, and predicts how long a restore of everything takes. */
export async function drillStatus(certificates: URL, status: InstanceStatus, terminal: Terminal): Promise<DrillStatus> {
  const { instance, partitions, findings, sequenceGaps } = status;
  const drills = await drillsOf(certificates, instance, terminal);
  const missing = findings.find(({ kind }) => kind !== 'silent');
  const gap = missing === undefined ? sequenceGaps[0]?.reason : describeFinding(missing);
  const route = drills.find(({ verdict }) => verdict === 'PASS')?.recovery.route ?? 'native';
  const sum = (of: 'bytes' | 'lines') => partitions.reduce((all, one) => all + one[of], 0);
  const forecast = forecastRestore({ certificates: drills, route, bytes: sum('bytes'), lines: sum('lines'), gap });
  return { last: drills[0], forecast };
}

async function drillsOf(url: URL, instance: string, terminal: Terminal): Promise<readonly Certificate[]> {
  const storage = await openStorage(url, terminal);
  return (await readCertificates(storage, instance, { signal: terminal.signal })).certificates;
}
