import { createInterface } from 'node:readline/promises';
import type { RestorePlan } from '@ceres/restore';
import { complain, paint, type Terminal } from '../terminal';

/**
 * Says exactly what a wipe drops, and takes only the server's host name, typed, for a yes.
 *
 * @returns false as well where nobody can answer: then `--yes` is the way to say it.
 */
export async function confirmWipe(
  terminal: Terminal,
  plan: RestorePlan,
  options: {
    readonly to: URL;
    readonly mapDb?: Readonly<Record<string, string>>;
    readonly mapRp?: Readonly<Record<string, string>>;
  },
): Promise<boolean> {
  const { host } = options.to;
  complain(terminal, paint(terminal, 'stderr', 'red', `--wipe drops every point on ${host} in:`));
  for (const { database, retentionPolicy } of plan.partitions) {
    const policy = retentionPolicy ? (options.mapRp?.[retentionPolicy] ?? retentionPolicy) : '(default)';
    complain(terminal, `  database ${options.mapDb?.[database] ?? database}, policy ${policy}`);
  }
  if (terminal.stdin.isTTY !== true) {
    complain(terminal, 'There is no terminal to ask on. To wipe without being asked, add --yes.');
    return false;
  }
  const questions = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    const answer = await questions.question(`Type ${host} to go on: `, { signal: terminal.signal });
    return answer.trim() === host;
  } finally {
    questions.close();
  }
}
