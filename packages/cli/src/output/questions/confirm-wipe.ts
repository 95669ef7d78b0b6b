import type { RestorePlan } from '@ceres/restore';
import type { ServerOptions } from '../../options/server';
import { paint, printError, type Terminal } from '../../terminal';
import { formatPolicy } from '../format';
import { confirmHost } from './confirm-host';

/**
 * Says exactly what a wipe drops, and takes only the typed host name of the server as a yes.
 *
 * @returns `false` if the answer was another one, or there is no terminal to answer on
 */
export async function confirmWipe(
  terminal: Terminal,
  plan: RestorePlan,
  { to, mapDb, mapRp }: ServerOptions,
): Promise<boolean> {
  const { host } = to;
  printError(terminal, paint(terminal, 'stderr', 'red', `--wipe drops every point on ${host} in:`));
  for (const { database, retentionPolicy = '' } of plan.partitions) {
    const policy = formatPolicy(mapRp?.[retentionPolicy] ?? retentionPolicy);
    printError(terminal, `  database ${mapDb?.[database] ?? database}, policy ${policy}`);
  }
  return await confirmHost(terminal, host, 'wipe');
}
