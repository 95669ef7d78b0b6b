import type { RestorePreview } from '@ceres/restore';
import { formatCount } from './table';
import { complain, paint, print, type Terminal } from './terminal';
import { formatPointTime } from './times';

/** What a restore would do to its target before the first write, and what the target would do to the points. */
export function printPreview(terminal: Terminal, { creates, wipes, expires }: RestorePreview): void {
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
  for (const { database, retentionPolicy, before, isShorterThanBackup } of expires) {
    const policy = `${database}.${retentionPolicy || '(default)'}`;
    print(
      terminal,
      `points of ${policy} before ${formatPointTime(before)} would not be sent: the policy no longer keeps them`,
    );
    if (!isShorterThanBackup) continue;
    complain(
      terminal,
      paint(
        terminal,
        'stderr',
        'yellow',
        `${policy} keeps points for a shorter time than the backup says: lengthen it first`,
      ),
    );
  }
}
