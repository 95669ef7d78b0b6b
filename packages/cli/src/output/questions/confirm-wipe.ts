import type { DroppedPolicy } from '@ceres/restore';
import { paint, printError, type Terminal } from '../../terminal';
import { formatCountOf } from '../format';
import { formatDrop, formatNewer } from '../results/recover/drops';
import { confirmHost } from './confirm-host';

/** More policies than this are counted, and named by a dry run. */
const policiesShown = 20;

/** Warns of points that a wipe drops and the backup does not bring back. */
export function warnOfNewer(terminal: Terminal, drops: readonly DroppedPolicy[]): void {
  for (const drop of drops) {
    const warning = formatNewer(drop);
    if (warning !== undefined) printError(terminal, paint(terminal, 'stderr', 'red', warning));
  }
}

/**
 * Says exactly what a wipe drops, and takes only the typed host name of the server as a yes.
 *
 * @returns `false` if the answer was another one, or there is no terminal to answer on
 */
export async function confirmWipe(terminal: Terminal, drops: readonly DroppedPolicy[], to: URL): Promise<boolean> {
  const { host } = to;
  printError(terminal, paint(terminal, 'stderr', 'red', `--wipe drops from ${host}:`));
  for (const drop of drops.slice(0, policiesShown)) printError(terminal, `  ${formatDrop(drop)}`);
  const more = drops.length - policiesShown;
  if (more > 0) printError(terminal, `  and ${formatCountOf(more, 'more policy', 'more policies')}: see --dry-run`);
  if (drops.length === 0) printError(terminal, '  nothing: it has no shard of the planned policies');
  return await confirmHost(terminal, host, 'wipe');
}
