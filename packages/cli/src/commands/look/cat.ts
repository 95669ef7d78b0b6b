import type { Command } from 'commander';
import { type SelectionOptions, withFileSelection } from '../../options/selection';
import { withStorage } from '../../options/storage-url';
import type { Terminal } from '../../terminal';

export function addCat(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('cat')
    .description('Prints the lines of the selected files on stdout, in replay order.')
    .addHelpText('after', examples);
  withFileSelection(withStorage(command)).action(async (url: URL, options: SelectionOptions) => {
    const { runCat } = await import('../../actions/look/cat');
    end(await runCat(url, options, terminal));
  });
}

const examples = `
Example, the last lines before a bad deploy:
  ceres cat file:///var/backups/influx --instance influxdb-0.influxdb --db metrics --opened-before 2026-01-31T09:00:00Z | tail`;
