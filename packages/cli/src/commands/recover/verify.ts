import { type Command, Option } from 'commander';
import type { VerifyCommandOptions } from '../../actions/recover/verify';
import { withPointSelection } from '../../options/selection';
import { withOptionalServer } from '../../options/server';
import { withStorage } from '../../options/storage-url';
import { parseDuration, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addVerify(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('verify')
    .description('Compares a database with the backup.')
    .addHelpText('after', examples);
  withPointSelection(withOptionalServer(withStorage(command), 'the server to compare with'))
    .addOption(
      new Option('--level <level>', 'counts: points per measurement and field; content: every value')
        .choices(['counts', 'content'])
        .default('counts'),
    )
    .option(
      '--snapshot <source>',
      "with --level content: read the database from InfluxDB's snapshot service, such as tcp://127.0.0.1:8088, or from a folder: a portable backup, or the data directory of a server that is stopped (then --to may be left out)",
    )
    .option('--points <n>', 'also show the first n values that differ, as both sides have them', parseWholeNumber)
    .option(
      '--scratch-dir <folder>',
      "temporary data: 20 bytes per record and 8 per value, and with --snapshot the largest shard (default: the system's temporary folder)",
    )
    .option('--threads <n>', 'how many threads work (default: one a core, at most 4)', parseWholeNumber)
    .option('--wait <duration>', 'where they differ, wait this long for running sinks to store the rest', parseDuration)
    .option('--all', 'print every line, also more than 20 of a kind')
    .option('--json', 'print one JSON object')
    .action(async (url: URL, options: VerifyCommandOptions) => {
      const { runVerify } = await import('../../actions/recover/verify');
      end(await runVerify(url, options, terminal));
    });
}

const examples = `
Examples:
  ceres verify gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086
  Every value, and the first 20 that differ:
    ceres verify gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --level content --points 20
  The same on the host of InfluxDB, with almost none of its CPU, through its port 8088:
    ceres verify gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --level content --snapshot tcp://127.0.0.1:8088`;
