import type { Command } from 'commander';
import type { LsOptions } from '../../actions/look/ls';
import { withStorage } from '../../options/storage-url';
import type { Terminal } from '../../terminal';

export function addLs(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('ls')
    .description(
      'Lists what a backup holds: instances, databases, policies, days, files, bytes, and days without a file.',
    )
    .addHelpText('after', examples);
  withStorage(command)
    .option('--instance <name>', 'only this instance')
    .option('--days', 'print one line per day')
    .option('--json', 'print one JSON object per line')
    .action(async (url: URL, options: LsOptions) => {
      const { runLs } = await import('../../actions/look/ls');
      end(await runLs(url, options, terminal));
    });
}

const examples = `
Examples:
  ceres ls file:///var/backups/influx
  ceres ls gs://my-bucket --instance influxdb-0.influxdb --days`;
