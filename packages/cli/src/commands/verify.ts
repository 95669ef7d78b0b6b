import type { Precision } from '@ceres/lineproto';
import { verify } from '@ceres/restore';
import { type Command, Option } from 'commander';
import { exitCodes } from '../exit-codes';
import { parseRedirects } from '../options/mappings';
import { precisionOption } from '../options/precision';
import { type SelectionOptions, toSelection, withPointSelection } from '../options/selection';
import { parseTargetUrl, targetServer } from '../options/server';
import { parseStorageUrl } from '../options/storage-url';
import { parseCount } from '../options/whole-number';
import { printVerdict, unreadFiles } from '../output/verdict';
import { printJson, type Terminal } from '../terminal';

interface VerifyOptions extends SelectionOptions {
  readonly to: URL;
  readonly level: 'counts' | 'content';
  readonly mapDb?: Readonly<Record<string, string>>;
  readonly mapRp?: Readonly<Record<string, string>>;
  readonly precision?: Precision;
  readonly points?: number;
  readonly scratch?: string;
  readonly json?: true;
}

export function addVerify(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('verify')
    .description('compare a database with the backup; exit code 4 when they are not equal, or a file cannot be read')
    .argument('<storage-url>', 'where the backup rests', parseStorageUrl)
    .addHelpText('after', examples)
    .requiredOption('--to <influx-url>', 'the server to compare with, as given to `ceres restore`', parseTargetUrl);
  withPointSelection(command)
    .addOption(
      new Option('--level <level>', 'counts: points per measurement and field; content: every value')
        .choices(['counts', 'content'])
        .default('counts'),
    )
    .option('--points <n>', 'also name the first so many values that differ, each with both values', parseCount)
    .option('--scratch <folder>', 'for 24 bytes a value meanwhile; the system’s temporary folder if not said')
    .option('--map-db <from=to>', 'the database was restored under another name (may be repeated)', parseRedirects)
    .option('--map-rp <from=to>', 'the policy was restored under another name (may be repeated)', parseRedirects)
    .addOption(precisionOption())
    .option('--json', 'one JSON object')
    .action(async (url: URL, options: VerifyOptions) => {
      const verdict = await verify({
        ...(await toSelection(url, options, terminal.signal)),
        level: options.level,
        target: targetServer(options.to, terminal.env),
        ...(options.mapDb && { mapDatabase: options.mapDb }),
        ...(options.mapRp && { mapRetentionPolicy: options.mapRp }),
        ...(options.precision && { precision: options.precision }),
        ...(options.points !== undefined && { differingPointsMax: options.points }),
        ...(options.scratch !== undefined && { scratchDir: options.scratch }),
      });
      if (options.json) printJson(terminal, verdict);
      else printVerdict(terminal, verdict);
      if (!verdict.equal || unreadFiles(verdict) > 0) end(exitCodes.mismatch);
    });
}

const examples = `
Examples:
  ceres verify gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086
  Every value, and the first 20 that differ:
    ceres verify gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --level content --points 20`;
