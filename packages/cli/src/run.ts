import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addCat } from './commands/cat';
import { addCheck } from './commands/check';
import { addLs } from './commands/ls';
import { addRestore } from './commands/restore';
import { addVerify } from './commands/verify';
import { exitCodes } from './exit-codes';
import { UsageError } from './options/usage-error';
import { complain, type Terminal } from './terminal';

/** Each adds its command to the program and reports how it ended. */
const commands = [addLs, addCat, addCheck, addRestore, addVerify];

/**
 * Runs the command line `terminal.argv`.
 *
 * Never rejects and never ends the process: what went wrong is on `terminal.stderr`.
 *
 * @returns one of {@link exitCodes}
 */
export async function run(terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command('ceres')
    .description('Lists, checks, restores and verifies backups of InfluxDB 1.x.')
    .version(packageJson.version)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .exitOverride()
    .showHelpAfterError('(ceres --help, or ceres COMMAND --help, shows how)')
    .addHelpText('after', help);
  for (const add of commands) {
    add(program, terminal, (code) => {
      exitCode = code;
    });
  }
  try {
    await program.parseAsync(terminal.argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, terminal);
  }
}

function explain(error: unknown, terminal: Terminal): number {
  // Commander has printed its own message; help and version end here too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (terminal.signal.aborted) {
    complain(terminal, 'ceres: interrupted');
    return exitCodes.interrupted;
  }
  complain(terminal, `ceres: ${describe(error)}`);
  const isUsage = error instanceof UsageError || (hasCode(error) && error.code === 'INVALID_OPTIONS');
  return isUsage ? exitCodes.usage : exitCodes.failed;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return hasCode(error) ? `${error.message} (${error.code})` : error.message;
}

function hasCode(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

const help = `
STORAGE-URL is where the backup rests: file:///var/backups/influx or gs://bucket/prefix.
Secrets come from the environment: INFLUX_USERNAME and INFLUX_PASSWORD, or INFLUX_TOKEN;
for gs://, what Google's own tools use (GOOGLE_APPLICATION_CREDENTIALS).

Examples:
  What is in the backup?
    ceres ls file:///var/backups/influx
  Are the files whole, and is none missing?
    ceres check gs://my-bucket --instance influxdb-0.influxdb
  What would be restored? Then do it, and prove it:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --dry-run
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086
    ceres verify  gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but with rejects, 4 not equal, 130 interrupted.`;
