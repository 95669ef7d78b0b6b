import { commandLine } from '@ceres/internal';
import { Command, CommanderError } from 'commander';
import { version } from '../package.json'; // by name: the bundle takes the version alone
import { addCompletion } from './commands/help/completion';
import { addMan } from './commands/help/man';
import { addDoctor } from './commands/keep/doctor';
import { addPolicy } from './commands/keep/policy';
import { addSeed } from './commands/keep/seed';
import { addUnlock } from './commands/keep/unlock';
import { addCat } from './commands/look/cat';
import { addCheck } from './commands/look/check';
import { addDiagnose } from './commands/look/diagnose';
import { addLs } from './commands/look/ls';
import { addMetrics } from './commands/look/metrics';
import { addReport } from './commands/look/report';
import { addStatus } from './commands/look/status';
import { addWatch } from './commands/look/watch';
import { addCompile } from './commands/recover/compile';
import { addDrill } from './commands/recover/drill';
import { addHeal } from './commands/recover/heal';
import { addRestore } from './commands/recover/restore';
import { addVerify } from './commands/recover/verify';
import { describeError, hasCode } from './errors';
import { exitCodeMeanings, exitCodeOfSignal, exitCodes } from './exit-codes';
import { fillIn } from './options/environment';
import { withAbsoluteTimes } from './options/relative-times';
import { refusedCredentials } from './options/server';
import { escapeLines } from './output/escape';
import { widthOf, wrapHelp } from './output/wrap';
import { printError, type Terminal } from './terminal';

/** Each function adds its command to the program; the command imports its action when it runs, and reports the exit code. */
const commands = [
  addDiagnose,
  addStatus,
  addLs,
  addCat,
  addCheck,
  addSeed,
  addRestore,
  addCompile,
  addVerify,
  addHeal,
  addWatch,
  addDrill,
  addReport,
  addMetrics,
  addPolicy,
  addDoctor,
  addUnlock,
  addCompletion,
  addMan,
];

/**
 * Runs the command line `terminal.argv`.
 *
 * Never rejects and never ends the process: what went wrong is on `terminal.stderr`.
 *
 * @returns one of {@link exitCodes}
 *
 * @example
 * ```ts
 * import { exitCodes, run } from '@ceres/cli';
 *
 * const { stdin, stdout, stderr, env } = process;
 * const argv = ['ls', 'file:///var/backups/influx'];
 * const exitCode = await run({ argv, stdin, stdout, stderr, env, signal: AbortSignal.timeout(60_000) });
 * if (exitCode !== exitCodes.done) throw new Error(`ceres ended with ${exitCode}`);
 * ```
 */
export async function run(given: Terminal): Promise<number> {
  const terminal = { ...given, argv: withAbsoluteTimes(given.argv, Date.now()) };
  let exitCode: number = exitCodes.done;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(terminal.argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return await explain(error, terminal);
  }
}

/** Returns the whole command line: every command with its options and help texts. */
export function createProgram(terminal: Terminal, end: (exitCode: number) => void): Command {
  const program = new Command('ceres')
    .description(
      'Diagnoses, lists, checks, seeds, restores, compiles, verifies, watches and drills backups of InfluxDB 1.x, and unlocks spools.',
    )
    .version(version)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(wrapHelp(escapeLines(text), widthOf(terminal, 'stdout'))),
      writeErr: (text) => terminal.stderr.write(escapeLines(text)),
    })
    .exitOverride()
    .showHelpAfterError('(For help: ceres --help, or ceres COMMAND --help)')
    .addHelpText('after', help);
  program.hook('preAction', async (_program, command) => await fillIn(command, terminal));
  for (const add of commands) add(program, terminal, end);
  for (const command of [program, ...program.commands]) command.addHelpText('after', exitCodeHelp());
  return program;
}

async function explain(error: unknown, terminal: Terminal): Promise<number> {
  // Commander has printed its own message; help and version end here too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (terminal.signal.aborted) {
    printError(terminal, 'Interrupted before it was done. It changed nothing. To run it again:');
    printError(terminal, `  ${commandLine(terminal.argv)}`);
    return exitCodeOfSignal(terminal.signal);
  }
  printError(terminal, `ceres: ${describeError(error)}`);
  const { afterRefusal } = await import('./output/next/after-refusal');
  const goOn = afterRefusal(terminal, error);
  if (goOn !== undefined) printError(terminal, `If all of this is known, to ${goOn.to}:`, `  ${goOn.command}`);
  if (hasCode(error) && error.code === 'SERVER_DENIED') printError(terminal, refusedCredentials(terminal.env));
  return hasCode(error) && error.code === 'INVALID_OPTIONS' ? exitCodes.usage : exitCodes.failed;
}

function exitCodeHelp(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  const lines = names.map((name) => `  ${String(exitCodes[name]).padStart(3)}  ${exitCodeMeanings[name]}`);
  return `\nExit codes:\n${lines.join('\n')}`;
}

const help = `
STORAGE-URL is where the backup is: /var/backups/influx or gs://bucket/prefix. Set CERES_STORAGE and
CERES_INSTANCE to leave it and --instance out; a backup of one instance alone does not need --instance.
Secrets come from the environment: INFLUX_USERNAME and INFLUX_PASSWORD, or INFLUX_TOKEN;
for gs://, what Google's own tools use (GOOGLE_APPLICATION_CREDENTIALS).

Examples:
  What is in the backup?
    ceres ls file:///var/backups/influx
  Are the files whole, and is none missing?
    ceres check gs://my-bucket --instance influxdb-0.influxdb
  What would a restore do? Then do it, and prove it:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --dry-run
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086
    ceres verify  gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086`;
