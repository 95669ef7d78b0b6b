import type { Command } from 'commander';
import type { UnlockOptions } from '../../actions/keep/unlock';
import type { Terminal } from '../../terminal';

export function addUnlock(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  program
    .command('unlock')
    .description('Shows who owns the spool of a sink, and takes it from an owner that is gone, after a question.')
    .argument('<spool-dir>', 'the spoolDir of the sink')
    .option('--yes', 'answer the question with yes')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(async (given: string, options: UnlockOptions) => {
      const { runUnlock } = await import('../../actions/keep/unlock');
      end(await runUnlock(given, options, terminal));
    });
}

const help = `
An owner that cannot be seen from here is watched for 8 seconds first. An owner that still runs notices that it lost its spool,
and stops before its next ack. On a file system that other hosts share, first make sure that it is gone: a host that is cut off
may see the loss late. Do not run this command by itself at every start of a service.

Example, after a host was lost for good and its volume moved to this one:
  ceres unlock /var/spool/ceres`;
