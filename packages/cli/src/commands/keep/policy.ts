import { Argument, type Command } from 'commander';
import type { PolicyOptions } from '../../actions/policy/policy';
import { needsNoBackupWith } from '../../options/environment';
import { parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addPolicy(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  needsNoBackupWith(program.command('policy'), 'bucket')
    .description(
      'Prints what a create-only writer, a reader and the bucket need: policies, and the commands that set them. Runs none of them.',
    )
    .addArgument(new Argument('<store>', 'where the bucket is').choices(['s3', 'gcs', 'azure']))
    .requiredOption('--bucket <name>', 'the bucket, or the container of Azure')
    .option('--prefix <folder>', 'the folder in the bucket that the backup is in (default: the whole bucket)')
    .option('--instance <name>', 'narrow the writer to this InfluxDB server (default: every instance)')
    .option('--expire-after <days>', 'the age at which files are deleted (default: 400)', parseWholeNumber)
    .option('--lock-for <days>', 'the age up to which no one can delete a file (default: 35)', parseWholeNumber)
    .option('--json', 'print the policies alone, as one JSON object')
    .addHelpText('after', examples)
    .action(async (store: 's3' | 'gcs' | 'azure', options: PolicyOptions) => {
      const { runPolicy } = await import('../../actions/policy/policy');
      end(runPolicy(store, options, terminal));
    });
}

const examples = `
Examples:
  Look at it, then run it by hand:
    ceres policy s3 --bucket acme-influx-backup --prefix eu
  For a service that writes one instance only:
    ceres policy s3 --bucket acme-influx-backup --instance influxdb-0.influxdb
  Afterwards, with the credential of the writer:
    ceres doctor 's3://acme-influx-backup/eu?region=eu-central-1'`;
