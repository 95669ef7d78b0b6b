import type { Command } from 'commander';
import type { DoctorOptions } from '../../actions/doctor/doctor';
import { withStorage } from '../../options/storage-url';
import { collect } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addDoctor(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  withStorage(program.command('doctor'))
    .description(
      "Tries what the writer's credential may do with a store, and names what is too much or missing, with the remedy.",
    )
    .option('--reader', 'examine the credential of a restore instead, which lists and reads, and changes nothing')
    .option('--accept <finding>', 'this finding is known, and does not count (repeatable)', collect)
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(async (url: URL, options: DoctorOptions) => {
      const { runDoctor } = await import('../../actions/doctor/doctor');
      end(await runDoctor(url, options, terminal));
    });
}

const help = `
Run it where the service runs, with the credential of the service. It stores up to two small objects under ~doctor/, and tries to
read, overwrite and delete them, and to list the bucket. It touches nothing else.

Examples:
  With the credential of the service:
    ceres doctor 's3://acme-influx-backup/eu?region=eu-central-1'
  With the credential of a restore:
    ceres doctor 's3://acme-influx-backup/eu?region=eu-central-1' --reader`;
