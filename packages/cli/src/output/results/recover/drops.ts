import type { DroppedPolicy, PointCount } from '@ceres/restore';
import { formatCountOf, formatPointTime, formatPolicy } from '../../format';

/** Returns what a wipe drops of one policy. */
export function formatDrop({ database, retentionPolicy, shards, points }: DroppedPolicy): string {
  return `${formatCountOf(shards, 'shard')} of ${database}.${formatPolicy(retentionPolicy)} with ${pointsOf(points)}`;
}

/** Returns a warning if a wipe drops points that are newer than the backup. */
export function formatNewer(drop: DroppedPolicy): string | undefined {
  const { database, retentionPolicy, newestInBackup, newerPoints } = drop;
  const where = `${database}.${formatPolicy(retentionPolicy)}`;
  if (newestInBackup === undefined || newerPoints === undefined) {
    return `No file says how far the backup of ${where} reaches: newer points on the server would not come back.`;
  }
  if (newerPoints.count === 0 && newerPoints.isExact) return undefined;
  const newer = `${pointsOf(newerPoints)} of ${where} after ${formatPointTime(newestInBackup)}`;
  return `The server is newer than the backup: it holds ${newer}. The wipe drops what is newer, and the backup does not bring it back.`;
}

function pointsOf({ count, isExact }: PointCount): string {
  return isExact ? formatCountOf(count, 'point') : `at least ${formatCountOf(count, 'point')}`;
}
