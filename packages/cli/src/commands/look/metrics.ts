import type { Command } from 'commander';
import type { MetricsCommandOptions } from '../../actions/look/metrics';
import { withKnownLosses } from '../../options/selection';
import { parseStorageUrl, withStorage } from '../../options/storage-url';
import { collect } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addMetrics(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('metrics')
    .description(
      'Prints what Prometheus reads: whether the backup is good, up to when, what is missing, what waits in spools, and the last drill.',
    )
    .addHelpText('after', examples);
  withKnownLosses(withStorage(command))
    .option('--out <file>', "write a text file for Prometheus' node exporter instead, which replaces an older one")
    .option('--instance <name>', 'only this instance')
    .option('--accept <finding>', 'this finding is known (repeatable)', collect)
    .option(
      '--certificates <storage-url>',
      'has the certificates of drills (default: the backup itself)',
      parseStorageUrl,
    )
    .action(async (url: URL, options: MetricsCommandOptions) => {
      const { runMetrics } = await import('../../actions/look/metrics');
      end(await runMetrics(url, options, terminal));
    });
}

const examples = `
Examples:
  ceres metrics gs://my-bucket
  ceres metrics gs://my-bucket --keep 90d --out /var/lib/node_exporter/ceres-backup.prom

It ends with 0 also for a backup that is not good: alert on ceres_backup_good, and on a file that gets old.`;
