import type { Command } from 'commander';
import type { ReportCommandOptions } from '../../actions/look/report';
import { withKnownLosses } from '../../options/selection';
import { parseStorageUrl, withStorage } from '../../options/storage-url';
import { collect, parseDuration } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addReport(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('report')
    .description(
      'Writes a page about the backup, one HTML file without network: what is there and what is missing, day by day, the last drills, and what to do next.',
    )
    .addHelpText('after', examples);
  withKnownLosses(withStorage(command))
    .requiredOption('--out <file>', 'the page, such as report.html; an older one is replaced')
    .option('--instance <name>', 'only this instance')
    .option('--goal <duration>', 'how long it may take to have the data back, such as 1h', parseDuration)
    .option('--accept <finding>', 'this finding is known (repeatable)', collect)
    .option(
      '--certificates <storage-url>',
      'has the certificates of drills (default: the backup itself)',
      parseStorageUrl,
    )
    .action(async (url: URL, options: ReportCommandOptions) => {
      const { runReport } = await import('../../actions/look/report');
      end(await runReport(url, options, terminal));
    });
}

const examples = `
Examples:
  ceres report gs://my-bucket --out report.html --goal 1h
  ceres report /var/backups/influx --instance influxdb-0 --keep 90d --out /var/www/backup.html`;
