import { type BackupStatus, backupStatus, type Verdict, verify } from '@ceres/restore';
import { describeFinding, LocalStorage } from '@ceres/storage';
import { type Ground, instance } from './write-backup';

/** What the three commands say that an operator runs. */
export interface Answers {
  readonly status: BackupStatus;
  readonly check: Verdict;
  /** `undefined` if the comparison ended with an error. */
  readonly verdict: Verdict | undefined;
}

/** Runs `ceres status`, `ceres check` and `ceres verify --level content`. */
export async function ask({ url, root }: Ground): Promise<Answers> {
  const storage = new LocalStorage(root);
  return {
    status: await backupStatus({ storage }),
    check: await verify({ storage, instance, level: 'files' }),
    verdict: await verify({ storage, instance, to: { url }, level: 'content' }),
  };
}

/** Returns every alarm in the answers, in words. */
export function alarmsIn({ status, check, verdict }: Answers): string[] {
  const findings = status.instances.flatMap((one) => [
    ...one.findings.map(describeFinding),
    ...one.sequenceGaps.map(({ reason }) => reason),
  ]);
  return [
    ...findings.map((text) => `status: ${text}`),
    ...(status.isGood ? [] : ['status: not good']),
    ...check.findings.map(({ problem, name, reason }) => `check: ${problem} ${name}: ${reason}`),
    ...(verdict?.mismatches ?? []).map(
      (one) => `verify: ${JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}`,
    ),
    ...(verdict === undefined || verdict.equal ? [] : [`verify: ${verdict.outcome}`]),
    ...(verdict?.findings ?? []).map(({ problem, name, reason }) => `verify: ${problem} ${name}: ${reason}`),
  ];
}
