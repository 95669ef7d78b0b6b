import { verify } from '@ceres/restore';
import { exitCodes } from '../exit-codes';
import { type SelectionOptions, toSelection } from '../options/selection';
import { afterCheck } from '../output/next/after-restore';
import { printNext } from '../output/next/next-command';
import { printVerdict } from '../output/results/verdict';
import { printJson, type Terminal } from '../terminal';

export interface CheckOptions extends SelectionOptions {
  readonly all?: true;
  readonly json?: true;
}

export async function runCheck(url: URL, options: CheckOptions, terminal: Terminal): Promise<number> {
  const verdict = await verify({ ...(await toSelection(url, options, terminal)), level: 'files' });
  if (options.json) printJson(terminal, verdict);
  else {
    printVerdict(terminal, verdict, { all: options.all === true });
    printNext(terminal, ...afterCheck(terminal, verdict));
  }
  return verdict.equal ? exitCodes.done : exitCodes.found;
}
