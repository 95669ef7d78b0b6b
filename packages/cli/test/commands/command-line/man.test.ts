import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { exitCodeMeanings, exitCodes } from '../../../src/exit-codes';
import { createProgram } from '../../../src/run';
import { ceres } from '../../support/in-process';

const terminal = { argv: [], stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
const program = createProgram({ ...terminal, signal: new AbortController().signal }, () => undefined);
const roff = (text: string) => text.replaceAll('-', '\\-');

it('explains every visible command, every option and every exit code in the manual page', async () => {
  const { exitCode, stdout, stderr } = await ceres(['man']);
  expect([exitCode, stderr]).toEqual([0, '']);
  const sections = new Map(
    stdout.split(/^\.SS ceres /m).map((text) => [/^\w+/.exec(text)?.[0], text.split(/^\.SH/m)[0] ?? '']),
  );
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((each) => program.commands.includes(each));
  expect([...sections.keys()].slice(1)).toEqual(commands.map((command) => command.name()));
  for (const command of commands) {
    for (const { flags } of command.options) expect(sections.get(command.name())).toContain(`\\fB${roff(flags)}\\fR`);
  }
  for (const [name, code] of Object.entries(exitCodes)) {
    expect(stdout).toContain(`\\fB${code}\\fR\n${roff(exitCodeMeanings[name as keyof typeof exitCodes])}`);
  }
});

it('shows the examples of each command once, and where secrets come from', async () => {
  const { stdout } = await ceres(['man']);
  expect(stdout.match(/Do not run this command by itself/g)).toHaveLength(1);
  expect(stdout).toContain('GOOGLE_APPLICATION_CREDENTIALS');
  expect(stdout.match(/^Exit codes:/gm)).toBeNull();
});

it('has only requests that roff knows, so that no line of a text is taken for one', async () => {
  const { stdout } = await ceres(['man']);
  const requests = stdout.split('\n').filter((line) => /^[.']/.test(line));
  expect(requests.filter((line) => !/^\.(TH|SH|SS|TP|PP|B|BR|br|nf|fi)\b/.test(line))).toEqual([]);
});

it('leaves the manual page out of the help: the build uses it, and people type `man ceres`', async () => {
  expect((await ceres(['--help'])).stdout).not.toMatch(/^ +man\b/m);
  expect((await ceres(['man', '--help'])).exitCode).toBe(0);
});
