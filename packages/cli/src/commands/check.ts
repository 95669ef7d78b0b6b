import { verify } from '@ceres/restore';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes';
import { type SelectionOptions, toSelection, withFileSelection, withKnownLosses } from '../options/selection';
import { withStorage } from '../options/storage-url';
import { printVerdict } from '../output/verdict';
import { printJson, type Terminal } from '../terminal';

export function addCheck(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('check')
    .description('Reads every selected file whole: checks gzip, footer and digest, and looks for gaps in the sequence.')
    .addHelpText('after', examples);
  withKnownLosses(withFileSelection(withStorage(command)))
    .option('--json', 'print one JSON object')
    .action(async (url: URL, options: SelectionOptions & { readonly json?: true }) => {
      const verdict = await verify({ ...(await toSelection(url, options, terminal)), level: 'files' });
      if (options.json) printJson(terminal, verdict);
      else printVerdict(terminal, verdict);
      if (!verdict.equal) end(exitCodes.found);
    });
}

const examples = `
Example, the part of an instance that you are about to restore:
  ceres check gs://my-bucket --instance influxdb-0.influxdb --db metrics`;
