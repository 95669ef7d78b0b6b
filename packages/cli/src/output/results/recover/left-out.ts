import { shellWord } from '@ceres/internal';
import type { LeftOut } from '@ceres/restore';
import { formatCountOf, formatPolicy } from '../../format';

/** Says what of a backup is not restored, why, and how to include it. */
export function formatLeftOut(leftOut: LeftOut): string {
  const { database, retentionPolicy, files, isShared } = leftOut;
  const holds = isShared ? `in ${formatCountOf(files, 'file')} with others` : formatCountOf(files, 'file');
  const later = isShared
    ? ', and --into-existing with a new --journal-file, since in this one these files are done'
    : '';
  return `${database}.${formatPolicy(retentionPolicy)} (${holds}): ${why(leftOut)} To include it, add ${option(leftOut)}${later}.`;
}

function why({ cause, reason }: LeftOut): string {
  if (cause === 'no-duration') return 'The server has no such policy, and no file says how long it keeps points.';
  return reason.endsWith('.') ? reason : `${reason}.`;
}

/** Returns the option with which a policy is restored, as it is typed. */
function option({ cause, database, retentionPolicy }: LeftOut): string {
  if (cause === 'database-name') return `--map-db ${shellWord(`${database}=NAME`)}`;
  if (cause === 'policy-name') return `--map-rp ${shellWord(`${retentionPolicy}=NAME`)}`;
  if (retentionPolicy === '') return '--policies FILE, with its duration under ""';
  return `--rp ${shellWord(`${retentionPolicy}=5d`)} (or INF, to keep points for ever)`;
}
