import type { Command } from 'commander';
import type { RestoreCommandOptions } from '../../actions/recover/restore';
import { withPolicies } from '../../options/policies';
import { withPointSelection } from '../../options/selection';
import { withServer } from '../../options/server';
import { parseStorageUrl, withStorage } from '../../options/storage-url';
import { collect, parseDuration, parseMebibytes, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addRestore(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('restore')
    .description('Replays a backup into InfluxDB 1.x. Run the same command again to resume.')
    .addHelpText('after', examples);
  withPolicies(withPointSelection(withServer(withStorage(command), 'the server to write to')))
    .option('--dry-run', 'print what would be done, and do nothing')
    .option(
      '--certificates <storage-url>',
      'with --dry-run: has the certificates of drills, which predict how long it takes (default: the backup itself)',
      parseStorageUrl,
    )
    .option(
      '--journal-file <file>',
      'records what is done; a restore resumes from it (default: restore-ID.journal, with an ID of what is restored, and where)',
    )
    .option('--rejects-dir <folder>', 'receives each record that InfluxDB refuses, with the reason', 'rejects')
    .option('--rejects-max <n>', 'stop at more than n refused records (default: no limit)', parseWholeNumber)
    .option('--lanes <n>', 'concurrent writers; 1 replays strictly in order (default: 4)', parseWholeNumber)
    .option('--rate <lines/s>', 'write at most this fast (default: no limit)', parseWholeNumber)
    .option('--patience <duration>', 'how long to retry while the server is down (default: 10m)', parseDuration)
    .option('--wipe', 'first drop what the planned policies hold on the server, after a question')
    .option('--yes', 'answer that question with yes')
    .option(
      '--accept <finding>',
      'this finding is known: it refuses neither --wipe nor --live, and no exit with 3 for it (repeatable)',
      collect,
    )
    .option('--salvage-damaged <folder>', 'receives what can be read of damaged files, to look at')
    .option('--include-salvaged <folder>', 'send these files in place of the damaged ones, in their order')
    .option('--scratch-dir <folder>', "for files over 32 MiB (default: the system's temporary folder)")
    .option(
      '--native <url>',
      "load shards through InfluxDB's snapshot service, such as tcp://127.0.0.1:8088, instead of sending lines",
    )
    .option('--fill', 'with --native: load into policies that hold points, but only what is missing there')
    .option('--allow-remote', 'with --native: allow another host, although the service has no password')
    .option(
      '--threads <n>',
      'with --native: how many threads compile (default: one a core, at most 4)',
      parseWholeNumber,
    )
    .option(
      '--memory <MiB>',
      'with --native: what records may take in memory; the rest goes to --scratch-dir (default: 512)',
      parseMebibytes,
    )
    .option('--into-existing', 'write even if the server already holds points')
    .option(
      '--live',
      'while ingestion goes on: also restore what arrives late, then compare, and write newer values back where older ones replaced them',
    )
    .option(
      '--wait <duration>',
      'with --live: how long to wait, each time, for running sinks to store the rest (default: 15m)',
      parseDuration,
    )
    .option(
      '--with-schema',
      'also create the databases, policies and continuous queries of the stored schema, and print the rest of it',
    )
    .option('--json', 'print the plan, the progress and the report as NDJSON')
    .action(async (url: URL, options: RestoreCommandOptions) => {
      const { runRestore } = await import('../../actions/recover/restore');
      end(await runRestore(url, options, terminal));
    });
}

const examples = `
Examples:
  After the loss of a server, into an empty one:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086
  The same on the host of InfluxDB, several times as fast, through its port 8088:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --native tcp://127.0.0.1:8088
  While services go on writing, through a tee:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --live
  One hour of one measurement, into a server that holds points:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --db metrics \\
      --measurement cpu --from 2026-01-31T08:00:00Z --until 2026-01-31T09:00:00Z --into-existing
  As it was before a bad deploy, under another name:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --db metrics \\
      --opened-before 2026-01-31T09:00:00Z --map-db metrics=metrics_before

After exit code 1, 130 or 143, run the same command again: it resumes.`;
