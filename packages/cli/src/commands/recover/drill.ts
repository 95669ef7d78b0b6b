import { type Command, Option } from 'commander';
import type { DrillCommandOptions } from '../../actions/recover/drill';
import { needsNoBackupWith, withOneInstance } from '../../options/environment';
import { withKnownLosses } from '../../options/selection';
import { parseServerUrl } from '../../options/server';
import { parseStorageUrl, withStorage } from '../../options/storage-url';
import { collect, parseMebibytes, parsePercent, parseWholeNumber } from '../../options/values';
import type { Terminal } from '../../terminal';

export function addDrill(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = needsNoBackupWith(program.command('drill'), 'check')
    .description(
      'Restores a backup into a throwaway InfluxDB, compares every value, and certifies what came back and how long it took.',
    )
    .addHelpText('after', examples);
  withKnownLosses(withOneInstance(withStorage(command)))
    .option(
      '--sample <percent>',
      'restore only about this part, other databases and days each time (default: 100)',
      parsePercent,
    )
    .addOption(
      new Option(
        '--route <route>',
        'native: load shards; write: send lines (default: native where it works, else write)',
      ).choices(['native', 'write']),
    )
    .option('--influxd <file>', 'the program of InfluxDB 1.x that is started (default: influxd on PATH)')
    .option(
      '--scratch-server <url>',
      'use this empty server, which was started for the drill, and leave it empty',
      (text: string) => parseServerUrl(text, '--scratch-server'),
    )
    .option('--native <url>', 'with --scratch-server: its snapshot service, such as tcp://127.0.0.1:8088')
    .option('--allow-remote', 'with --native: allow another host, although the service has no password')
    .option(
      '--certificates <storage-url>',
      'receives the certificate, under ~drills/, and has the earlier ones (default: the backup itself)',
      parseStorageUrl,
    )
    .option('--signing-key <file>', 'sign the certificate with this private key of Ed25519, in PEM')
    .option('--accept <finding>', 'this finding is known, and does not count (repeatable)', collect)
    .option(
      '--work-dir <folder>',
      "for the throwaway server and the work on it (default: the system's temporary folder)",
    )
    .option('--threads <n>', 'how many threads work (default: one a core, at most 4)', parseWholeNumber)
    .option(
      '--memory <MiB>',
      'what records may take in memory; the rest goes to --work-dir (default: 512)',
      parseMebibytes,
    )
    .option('--check <certificate>', 'only check this file, a certificate: was it altered, and what does it say?')
    .option('--public-key <file>', 'with --check: the key that must have signed it, in PEM')
    .option('--json', 'print the progress and the certificate as NDJSON')
    .action(async (url: URL, options: DrillCommandOptions) => {
      const { runDrill } = await import('../../actions/recover/drill');
      end(await runDrill(url, options, terminal));
    });
}

const examples = `
Examples:
  Every week, of everything:
    ceres drill gs://my-bucket --instance influxdb-0.influxdb
  Every night, a part, signed; the certificates go into a folder, so that the credential only reads the bucket:
    ceres drill gs://my-bucket --instance influxdb-0.influxdb --sample 5 --certificates /var/lib/ceres/drills --signing-key drills.key
  Was this certificate altered, and did our key sign it?
    ceres drill --check certificate.json --public-key drills.pub

It needs an influxd of InfluxDB 1.x, and nothing of the server that was backed up.`;
