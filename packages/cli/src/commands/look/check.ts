import type { Command } from 'commander';
import type { CheckOptions } from '../../actions/look/check';
import { withFileSelection, withKnownLosses } from '../../options/selection';
import { withStorage } from '../../options/storage-url';
import type { Terminal } from '../../terminal';

export function addCheck(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('check')
    .description('Reads every selected file whole: checks gzip, footer and digest, and looks for gaps in the sequence.')
    .addHelpText('after', examples);
  withKnownLosses(withFileSelection(withStorage(command)))
    .option('--all', 'print every line, also more than 20')
    .option('--json', 'print one JSON object')
    .action(async (url: URL, options: CheckOptions) => {
      const { runCheck } = await import('../../actions/look/check');
      end(await runCheck(url, options, terminal));
    });
}

const examples = `
Example, the part of an instance that you are about to restore:
  ceres check gs://my-bucket --instance influxdb-0.influxdb --db metrics`;
