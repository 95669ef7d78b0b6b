import { createInterface } from 'node:readline/promises';
import { printError, type Terminal } from '../../terminal';
import { escapeControls } from '../escape';

/**
 * Asks a person who has read what is about to happen to type the name of the host, and takes only that as a yes.
 *
 * @param doing the words for it in the hint on `--yes`, such as `wipe`
 * @returns `false` also if there is no terminal to answer on; `--yes` is for that case
 */
export async function confirmHost(terminal: Terminal, host: string, doing: string): Promise<boolean> {
  if (terminal.stdin.isTTY !== true) {
    printError(terminal, `There is no terminal to ask on. To ${doing} without being asked, add --yes.`);
    return false;
  }
  // Not as a terminal of its own: readline would move the cursor, also where only plain text is wanted.
  const questions = createInterface({ input: terminal.stdin, output: terminal.stderr, terminal: false });
  try {
    const answer = await questions.question(`Type ${escapeControls(host)} to continue: `, { signal: terminal.signal });
    return answer.trim() === host;
  } finally {
    questions.close();
  }
}
