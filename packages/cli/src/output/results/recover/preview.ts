import type { IgnoredPolicy, OtherDefault, PreviewedExpiry, RestorePreview } from '@ceres/restore';
import { paint, print, printError, type Terminal } from '../../../terminal';
import { formatBytes, formatPointTime, formatPolicy } from '../../format';
import { warnOfNewer } from '../../questions/confirm-wipe';
import { formatDrop } from './drops';
import { formatLeftOut } from './left-out';

/** Prints what a restore would do to the server before its first write, and which points the server would not keep. */
export function printPreview(terminal: Terminal, preview: RestorePreview): void {
  const { creates, drops, expires, otherDefaults, leftOut, alreadyFinished } = preview;
  warnOfIgnored(terminal, preview.ignoredPolicies);
  if (alreadyFinished) {
    print(
      terminal,
      'would do nothing: this restore has finished, and the server holds what it wrote; to write it again, add --into-existing',
    );
  }
  for (const statement of creates) print(terminal, `would run: ${statement}`);
  for (const statement of preview.schema?.created ?? []) print(terminal, `would run after the points: ${statement}`);
  for (const statement of preview.schema?.byHand ?? []) print(terminal, `would leave to you: ${statement}`);
  for (const drop of drops) {
    print(terminal, paint(terminal, 'stdout', 'red', `would drop: ${formatDrop(drop)}`));
  }
  warnOfNewer(terminal, drops);
  for (const expiry of expires) {
    print(terminal, `would not send: ${pointsThatExpire(expiry)}`);
    adviseLonger(terminal, expiry);
  }
  if (preview.scratchBytes !== undefined) print(terminal, `would need ${scratchSpace(preview.scratchBytes)}`);
  for (const one of leftOut) {
    print(terminal, paint(terminal, 'stdout', 'yellow', `would leave out: ${formatLeftOut(one)}`));
  }
  warnOfOtherDefaults(terminal, otherDefaults);
}

/** Says before a restore which points will be missing after it, or in another policy, and how to change that. */
export function warnBefore(
  terminal: Terminal,
  { expires, otherDefaults, leftOut, ignoredPolicies, scratchBytes }: RestorePreview,
): void {
  if (scratchBytes !== undefined) printError(terminal, `needs ${scratchSpace(scratchBytes)}`);
  warnOfIgnored(terminal, ignoredPolicies);
  for (const one of leftOut) {
    printError(terminal, paint(terminal, 'stderr', 'yellow', `will leave out: ${formatLeftOut(one)}`));
  }
  for (const expiry of expires) {
    printError(terminal, `will not send: ${pointsThatExpire(expiry)}`);
    adviseLonger(terminal, expiry);
  }
  warnOfOtherDefaults(terminal, otherDefaults);
}

function scratchSpace(sizeBytes: number): string {
  return `about ${formatBytes(sizeBytes)} of scratch space (--scratch-dir)`;
}

function warnOfIgnored(terminal: Terminal, ignored: readonly IgnoredPolicy[]): void {
  for (const { name, exists } of ignored) {
    const policy = formatPolicy(name);
    const warning = exists
      ? `Nothing is done for --rp ${policy} (or --policies): the server has the policy, and what exists is not changed. To change it, use ALTER RETENTION POLICY.`
      : `Nothing is done for --rp ${policy} (or --policies): no planned file goes into a policy of that name.`;
    printError(terminal, paint(terminal, 'stderr', 'yellow', warning));
  }
}

function warnOfOtherDefaults(terminal: Terminal, otherDefaults: readonly OtherDefault[]): void {
  for (const { database, inBackup, onServer, into } of otherDefaults) {
    const what = `The default policy of ${database} was ${inBackup} when it was backed up, and is ${onServer} on this server: its points go to ${into}.`;
    const advice =
      into === onServer
        ? `To restore them into ${inBackup}, first make it the default, or drop ${database} if it is empty.`
        : `Queries that name no policy do not find them there. Make ${inBackup} the default, or restore them into ${onServer} with --map-rp ${inBackup}=${onServer}.`;
    printError(terminal, paint(terminal, 'stderr', 'yellow', `${what} ${advice}`));
  }
}

function pointsThatExpire(expiry: PreviewedExpiry): string {
  return `points of ${policyOf(expiry)} before ${formatPointTime(expiry.before)}, which the policy no longer keeps`;
}

function adviseLonger(terminal: Terminal, expiry: PreviewedExpiry): void {
  if (!expiry.isShorterThanBackup) return;
  const advice = `${policyOf(expiry)} keeps points for a shorter time than the backup's policy did. To restore them, lengthen it first.`;
  printError(terminal, paint(terminal, 'stderr', 'yellow', advice));
}

function policyOf({ database, retentionPolicy }: PreviewedExpiry): string {
  return `${database}.${formatPolicy(retentionPolicy)}`;
}
