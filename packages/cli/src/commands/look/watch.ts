import type { Command } from 'commander';
import type { WatchCommandOptions } from '../../actions/look/watch';
import { withOneInstance } from '../../options/environment';
import { withKnownLosses } from '../../options/selection';
import { withServer } from '../../options/server';
import { withStorage } from '../../options/storage-url';
import { collect, parseDuration, parsePercent, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addWatch(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('watch')
    .description(
      'Looks whether a database still holds what its backup holds, and whether the backup is whole; never changes a point. Run it again and again.',
    )
    .addHelpText('after', examples);
  const selecting = withKnownLosses(withOneInstance(withStorage(command))).option(
    '--db <name>',
    'only this database (repeatable)',
    collect,
  );
  withServer(selecting, 'the server to watch')
    .requiredOption('--state-file <file>', 'remembers what was compared when; without it, everything is compared')
    .option('--period <duration>', 'everything is compared once in this time (default: 7d)', parseDuration)
    .option('--every <duration>', 'go on, and run again after this time (default: run once)', parseDuration)
    .option(
      '--snapshot <source>',
      "read the past from InfluxDB's snapshot service, such as tcp://127.0.0.1:8088: almost without its CPU",
    )
    .option(
      '--grace <duration>',
      'how long a sink may be late or silent (default: 1h, at most a quarter of the period)',
      parseDuration,
    )
    .option('--accept <finding>', 'this finding or alarm is known (repeatable)', collect)
    .option('--patience <duration>', 'how long to retry while the server is down (default: 1m)', parseDuration)
    .option('--wait <duration>', 'how long to wait for running sinks to store the rest (default: 15m)', parseDuration)
    .option('--load <percent>', 'how much of the time it works: it pauses in between (default: 25)', parsePercent)
    .option('--threads <n>', 'how many threads work (default: 1)', parseWholeNumber)
    .option(
      '--scratch-dir <folder>',
      "temporary data: 20 bytes per record and 8 per value, and with --snapshot the largest shard (default: the system's temporary folder)",
    )
    .option('--metrics <file>', "write what Prometheus' node exporter reads from a text file")
    .option('--json', 'print one JSON object a line for each event')
    .action(async (url: URL, options: WatchCommandOptions) => {
      const { runWatch } = await import('../../actions/look/watch');
      end(await runWatch(url, options, terminal));
    });
}

const examples = `
Examples:
  From cron or a Kubernetes CronJob, every quarter of an hour; 4 is an alarm, and 5 says that it could not look:
    ceres watch gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --state-file influxdb-0.watch.json
  As a service beside InfluxDB, through its port 8088, with metrics for Prometheus:
    ceres watch gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --snapshot tcp://127.0.0.1:8088 \\
      --state-file influxdb-0.watch.json --every 15m --metrics /var/lib/node_exporter/ceres-watch.prom`;
