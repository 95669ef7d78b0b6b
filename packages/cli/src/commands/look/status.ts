import type { Command } from 'commander';
import type { StatusCommandOptions } from '../../actions/look/status';
import { withKnownLosses } from '../../options/selection';
import { parseStorageUrl, withStorage } from '../../options/storage-url';
import { collect } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addStatus(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('status')
    .description(
      'Says whether the backup is there, up to when, and what of it is missing. Reads names, ledgers, and headers of files that no ledger names.',
    )
    .addHelpText('after', examples);
  withKnownLosses(withStorage(command))
    .option('--instance <name>', 'only this instance')
    .option('--accept <finding>', 'this finding is known (repeatable)', collect)
    .option(
      '--certificates <storage-url>',
      'has the certificates of drills, which predict how long a restore takes (default: the backup itself)',
      parseStorageUrl,
    )
    .option('--json', 'print one JSON object per line, one for each instance')
    .action(async (url: URL, options: StatusCommandOptions) => {
      const { runStatus } = await import('../../actions/look/status');
      end(await runStatus(url, options, terminal));
    });
}

const examples = `
Examples:
  ceres status gs://my-bucket
  ceres status gs://my-bucket --instance influxdb-0 --keep 90d`;
