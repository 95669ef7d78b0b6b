import type { PreviewedExpiry, RestorePreview } from '@ceres/restore';
import { formatPointTime } from '../options/times';
import { complain, paint, print, type Terminal } from '../terminal';
import { formatCount } from './table';

/** What a restore would do to its target before the first write, and what the target would do to the points. */
export function printPreview(terminal: Terminal, preview: RestorePreview): void {
  const { creates, wipes, expires, alreadyFinished } = preview;
  if (alreadyFinished) {
    print(
      terminal,
      'nothing would be done: the restore of this journal has finished; to restore again, give a new --journal',
    );
  }
  for (const statement of creates) print(terminal, `would run: ${statement}`);
  const shards = new Map<string, number>();
  for (const { database, retentionPolicy } of wipes) {
    const policy = `${database}.${retentionPolicy}`;
    shards.set(policy, (shards.get(policy) ?? 0) + 1);
  }
  for (const [policy, count] of shards) {
    const what = count === 1 ? '1 shard' : `${formatCount(count)} shards`;
    print(terminal, paint(terminal, 'stdout', 'red', `would drop: ${what} of ${policy}`));
  }
  for (const expiry of expires) {
    print(terminal, `${pointsThatExpire(expiry)} would not be sent: the policy no longer keeps them`);
    adviseLonger(terminal, expiry);
  }
}

/** Before a restore that is none to try: what will be missing from it, and how to have it. */
export function warnOfExpiry(terminal: Terminal, { expires }: RestorePreview): void {
  for (const expiry of expires) {
    complain(terminal, `${pointsThatExpire(expiry)} will not be sent: the policy no longer keeps them`);
    adviseLonger(terminal, expiry);
  }
}

function pointsThatExpire(expiry: PreviewedExpiry): string {
  return `points of ${policyOf(expiry)} before ${formatPointTime(expiry.before)}`;
}

function adviseLonger(terminal: Terminal, expiry: PreviewedExpiry): void {
  if (!expiry.isShorterThanBackup) return;
  const advice = `${policyOf(expiry)} keeps points for a shorter time than the backup says: lengthen it first`;
  complain(terminal, paint(terminal, 'stderr', 'yellow', advice));
}

function policyOf({ database, retentionPolicy }: PreviewedExpiry): string {
  return `${database}.${retentionPolicy || '(default)'}`;
}
