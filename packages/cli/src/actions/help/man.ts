import type { Command } from 'commander';
import { exitCodeMeanings, exitCodes } from '../../exit-codes';
import type { Terminal } from '../../terminal';

/** Prints the manual page. It has no date, so that a build always gives the same bytes. */
export function runMan(program: Command, terminal: Terminal): number {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => program.commands.includes(command));
  const lines = [
    `.TH CERES 1 "" "ceres ${program.version()}" "User Commands"`,
    ...section('NAME', `ceres \\- ${roff(firstLower(program.description()).replace(/\.$/, ''))}`),
    ...section('SYNOPSIS'),
    ...commands.flatMap((command) => [`.B ceres ${roff(command.name())}`, roff(command.usage()), '.br']),
    ...section('DESCRIPTION', roff(program.description())),
    '.PP',
    'Every command explains itself with',
    '.BR \\-\\-help .',
    ...moreHelp(program),
    ...section('COMMANDS'),
    ...commands.flatMap((command) => aboutCommand(command)),
    ...section('EXIT STATUS'),
    ...Object.entries(exitCodeMeanings).flatMap(([name, meaning]) =>
      item(String(exitCodes[name as keyof typeof exitCodes]), meaning),
    ),
  ];
  terminal.stdout.write(`${lines.join('\n')}\n`);
  return exitCodes.done;
}

function aboutCommand(command: Command): string[] {
  const help = command.createHelp();
  return [
    `.SS ceres ${roff(command.name())}`,
    roff(command.description()),
    ...help
      .visibleArguments(command)
      .flatMap((argument) =>
        item(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`, help.argumentDescription(argument)),
      ),
    ...help.visibleOptions(command).flatMap((option) => item(option.flags, help.optionDescription(option))),
    ...moreHelp(command),
  ];
}

/** Returns what the help says after the options, without the exit codes, which have a section of their own. */
function moreHelp(command: Command): string[] {
  let whole = '';
  const output = command.configureOutput();
  const { writeOut } = output;
  command.configureOutput({
    writeOut: (text) => {
      whole += text;
    },
  });
  command.outputHelp();
  command.configureOutput({ ...(writeOut && { writeOut }) });
  const [text = ''] = whole.slice(command.helpInformation().length).split('\nExit codes:');
  if (text.trim() === '') return [];
  return ['.PP', '.nf', ...text.trim().split('\n').map(roff), '.fi'];
}

function section(title: string, ...lines: readonly string[]): string[] {
  return [`.SH ${title}`, ...lines];
}

function item(term: string, meaning: string): string[] {
  return ['.TP', `\\fB${roff(term)}\\fR`, roff(meaning)];
}

/** Returns a text as roff prints it: a hyphen can be typed as an option, and no line is a request. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}

function firstLower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
