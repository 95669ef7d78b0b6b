import { type Command, Option } from 'commander';
import type { HealCommandOptions } from '../../actions/recover/heal';
import { withOneInstance } from '../../options/environment';
import { withKnownLosses, withPointsWithin } from '../../options/selection';
import { withServer } from '../../options/server';
import { withStorage } from '../../options/storage-url';
import { collect, parseDuration, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addHeal(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('heal')
    .description('Writes what a database lacks or has otherwise than the backup, and nothing else.')
    .addHelpText('after', examples);
  const selecting = withOneInstance(withStorage(command))
    .option('--db <name>', 'only this database (repeatable)', collect)
    .option('--policy <name>', "only this retention policy; '' is the default policy (repeatable)", collect);
  withServer(withPointsWithin(withKnownLosses(selecting)), 'the server to heal')
    .option(
      '--snapshot <source>',
      "read the database from InfluxDB's snapshot service, such as tcp://127.0.0.1:8088: faster, and almost without its CPU",
    )
    .addOption(
      new Option('--only <kind>', 'leave points alone that are missing: somebody may have deleted them').choices([
        'different',
      ]),
    )
    .option('--dry-run', 'print what would be written, and write nothing')
    .option('--yes', 'answer the question before the first write with yes')
    .option('--accept <finding>', 'this finding is known: heal in spite of it (repeatable)', collect)
    .option('--large-damage', 'heal although more than a tenth of the points differ')
    .option('--rate <lines/s>', 'write at most this fast (default: no limit)', parseWholeNumber)
    .option('--patience <duration>', 'how long to retry while the server is down (default: 10m)', parseDuration)
    .option('--wait <duration>', 'how long to wait for running sinks to store the rest (default: 15m)', parseDuration)
    .option('--threads <n>', 'how many threads work (default: one a core, at most 4)', parseWholeNumber)
    .option(
      '--scratch-dir <folder>',
      "temporary data: 20 bytes per record and 8 per value, and with --snapshot the largest shard (default: the system's temporary folder)",
    )
    .option('--json', 'print one JSON object')
    .action(async (url: URL, options: HealCommandOptions) => {
      const { runHeal } = await import('../../actions/recover/heal');
      end(await runHeal(url, options, terminal));
    });
}

const examples = `
Examples:
  What would be written?
    ceres heal gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --dry-run
  Then write it, on the host of InfluxDB, through its port 8088:
    ceres heal gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --snapshot tcp://127.0.0.1:8088
  Altered values alone; points that somebody deleted stay deleted:
    ceres heal gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --only different`;
