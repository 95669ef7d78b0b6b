import type { Command } from 'commander';
import type { DiagnoseCommandOptions } from '../../actions/look/diagnose';
import { withOneInstance } from '../../options/environment';
import { withKnownLosses } from '../../options/selection';
import { withServer } from '../../options/server';
import { withStorage } from '../../options/storage-url';
import { collect, parseDuration, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addDiagnose(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('diagnose')
    .description('Says what is wrong with a database or its backup, and which command cures it. Changes nothing.')
    .addHelpText('after', examples);
  const selecting = withKnownLosses(withOneInstance(withStorage(command))).option(
    '--db <name>',
    'only this database (repeatable)',
    collect,
  );
  withServer(selecting, 'the server that has lost something')
    .option(
      '--snapshot <source>',
      "read the database from InfluxDB's snapshot service, such as tcp://127.0.0.1:8088: almost without its CPU",
    )
    .option('--accept <finding>', 'this finding is known (repeatable)', collect)
    .option('--wait <duration>', 'how long to wait for running sinks to store the rest (default: 0s)', parseDuration)
    .option('--threads <n>', 'how many threads work (default: one a core, at most 4)', parseWholeNumber)
    .option(
      '--scratch-dir <folder>',
      "temporary data: 20 bytes per record and 8 per value, and with --snapshot the largest shard (default: the system's temporary folder)",
    )
    .option('--json', 'print one JSON object')
    .action(async (url: URL, options: DiagnoseCommandOptions) => {
      const { runDiagnose } = await import('../../actions/look/diagnose');
      end(await runDiagnose(url, options, terminal));
    });
}

const examples = `
Examples:
  It is 3 a.m. What has happened?
    ceres diagnose gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086`;
