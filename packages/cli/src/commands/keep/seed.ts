import { precisions } from '@ceres/internal';
import { type Command, Option } from 'commander';
import type { SeedCommandOptions } from '../../actions/keep/seed';
import { withPointsWithin } from '../../options/selection';
import { parseServerUrl } from '../../options/server';
import { withStorage } from '../../options/storage-url';
import { collect, parsePercent, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addSeed(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const selecting = withStorage(program.command('seed'))
    .description('Copies what a database holds already into a backup, once. Run the same command again to go on.')
    .option('--instance <name>', 'the InfluxDB server, as its sinks name it (default: CERES_INSTANCE)')
    .requiredOption(
      '--source <source>',
      'tcp://127.0.0.1:8088 (a running server), http://127.0.0.1:8086 (the same by queries), a folder that influxd backup -portable made, or a data directory',
    )
    .option('--db <name>', 'only this database (repeatable)', collect)
    .option('--policy <name>', 'only this retention policy (repeatable)', collect);
  withPointsWithin(selecting)
    .addOption(
      new Option(
        '--precision <unit>',
        'unit of the timestamps: that of the sinks (default: that of the files in the backup, or ns)',
      ).choices(precisions),
    )
    .option('--dry-run', 'read and check everything, print what would be made, and store nothing')
    .option('--again', 'seed once more what is seeded already; the new seed wins over what was teed before it')
    .option('--retired <sink>', 'with --again: this sink is gone for good, and may be silent (repeatable)', collect)
    .option(
      '--influx <url>',
      'the HTTP API of the same server, such as http://127.0.0.1:8086: tells the sizes of shards, and the schema as it is now',
      parseServerUrl,
    )
    .option('--rate <lines/s>', 'with an http:// source: read at most this fast (default: no limit)', parseWholeNumber)
    .option(
      '--load <percent>',
      'of one processor, how much it takes while others need the processors (default: 50)',
      parsePercent,
    )
    .option('--wal-dir <folder>', 'of a data directory (default: wal beside it)')
    .option('--meta-dir <folder>', 'of a data directory (default: meta beside it)')
    .option(
      '--work-dir <folder>',
      'keeps what is done and what is on its way (default: seed-ID, with an ID of what is seeded, and where)',
    )
    .option('--segment-bytes-max <bytes>', 'the most bytes of lines in a file (default: 67108864)', parseWholeNumber)
    .option('--gzip-level <n>', 'from 0 to 9 (default: 3)', parseWholeNumber)
    .option('--json', 'print the progress and the report as NDJSON')
    .addHelpText('after', examples)
    .action(async (url: URL, options: SeedCommandOptions) => {
      const { runSeed } = await import('../../actions/keep/seed');
      end(await runSeed(url, options, terminal));
    });
}

const examples = `
Examples:
  All of a running server, on its host:
    ceres seed gs://my-bucket --instance influxdb-0.influxdb --source tcp://127.0.0.1:8088
  What would that be, and how long would it take?
    ceres seed gs://my-bucket --instance influxdb-0.influxdb --source tcp://127.0.0.1:8088 --dry-run
  A server whose port 8088 cannot be reached, without disturbing it (with INFLUX_USERNAME and INFLUX_PASSWORD):
    ceres seed gs://my-bucket --instance influxdb-0.influxdb --source http://influxdb-0:8086 --rate 20000
  A server that does not start any more:
    ceres seed gs://my-bucket --instance influxdb-0.influxdb --source /var/lib/influxdb/data

After exit code 1, 130 or 143, run the same command again: it goes on.`;
