import type { Command } from 'commander';
import type { CompileCommandOptions } from '../../actions/recover/compile';
import { withPolicies } from '../../options/policies';
import { withPointSelection } from '../../options/selection';
import { withMapping } from '../../options/server';
import { withStorage } from '../../options/storage-url';
import { parseMebibytes, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addCompile(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('compile')
    .description(
      'Makes a folder of a backup that InfluxDB itself loads: influxd restore -portable. It needs no server.',
    )
    .addHelpText('after', examples);
  withPolicies(withMapping(withPointSelection(withStorage(command), 'divided by time')))
    .requiredOption('--out <folder>', 'receives the backup: an empty folder, or one to create')
    .option('--dry-run', 'print what would be made and the space that it needs, and do nothing')
    .option('--rejects-dir <folder>', 'receives each record that InfluxDB would refuse, with the reason', 'rejects')
    .option('--rejects-max <n>', 'stop at more than n refused records (default: no limit)', parseWholeNumber)
    .option(
      '--memory <MiB>',
      'what records may take in memory; the rest goes to --scratch-dir (default: 512)',
      parseMebibytes,
    )
    .option('--threads <n>', 'how many threads compile (default: one a core, at most 4)', parseWholeNumber)
    .option('--scratch-dir <folder>', "for what does not fit into memory (default: the system's temporary folder)")
    .option('--salvage-damaged <folder>', 'receives what can be read of damaged files, to look at')
    .option('--include-salvaged <folder>', 'use these files in place of the damaged ones, in their order')
    .option('--json', 'print the plan, the progress and the report as NDJSON')
    .action(async (url: URL, options: CompileCommandOptions) => {
      const { runCompile } = await import('../../actions/recover/compile');
      end(await runCompile(url, options, terminal));
    });
}

const examples = `
Examples:
  All of a backup, loaded by InfluxDB's own tool into a server that has none of these databases:
    ceres compile gs://my-bucket --instance influxdb-0.influxdb --out compiled
    influxd restore -portable compiled
  Years of one database on three machines; the three folders are copied into one and loaded in one go:
    ceres compile gs://my-bucket --instance influxdb-0.influxdb --db metrics --shard 0/3 --out part-0

After exit code 1 or 130, run the same command again: what it had written is removed.`;
