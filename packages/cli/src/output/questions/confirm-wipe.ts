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
  const dropped = plan.partitions.flatMap(({ database, retentionPolicy = '', mixed = [retentionPolicy] }) =>
    mixed.map((name) => `  database ${mapDb?.[database] ?? database}, policy ${formatPolicy(mapRp?.[name] ?? name)}`),
  );
  for (const line of new Set(dropped)) printError(terminal, line);
  return await confirmHost(terminal, host, 'wipe');
}
