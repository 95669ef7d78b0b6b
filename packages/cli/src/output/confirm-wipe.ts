import { createInterface } from 'node:readline/promises';
import type { RestorePlan } from '@ceres/restore';
import type { ServerOptions } from '../options/server';
import { paint, printError, type Terminal } from '../terminal';
import { formatPolicy } from './format';

/**
 * Says exactly what a wipe drops, and takes only the typed host name of the server as a yes.
 *
 * @returns `false` also if there is no terminal to answer on; `--yes` is for that case
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
  if (terminal.stdin.isTTY !== true) {
    printError(terminal, 'There is no terminal to ask on. To wipe without being asked, add --yes.');
    return false;
  }
  const questions = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    const answer = await questions.question(`Type ${host} to continue: `, { signal: terminal.signal });
    return answer.trim() === host;
  } finally {
    questions.close();
  }
}
