import type { Command, Option } from 'commander';

/** A command as a shell completes it. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  readonly argument: Value | undefined;
}

export interface OptionWords {
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  readonly isRepeatable: boolean;
  /** Is missing for a flag. */
  readonly value: Value | undefined;
}

/** What follows an option, or stands alone as the argument. */
export interface Value {
  readonly name: string;
  readonly kind: 'choice' | 'file' | 'folder' | 'other';
  readonly choices: readonly string[];
}

/** The names that the definitions give to values that are files or folders. */
const kindsByName: Readonly<Record<string, Value['kind']>> = {
  file: 'file',
  folder: 'folder',
  'storage-url': 'folder',
  'spool-dir': 'folder',
};

/** Returns every visible command of a program, in the order of its help. */
export function commandsOf(program: Command): readonly CommandWords[] {
  const visible = program.createHelp().visibleCommands(program);
  // The command `help` exists in a help text only, and takes the name of another command.
  const [help] = visible.filter((command) => !program.commands.includes(command));
  return visible.map((command) =>
    command === help
      ? toHelpWords(
          command,
          visible.filter((other) => other !== help),
        )
      : toWords(command),
  );
}

/** Returns the options of the program itself, such as `--version`. */
export function programOptions(program: Command): readonly OptionWords[] {
  return program.createHelp().visibleOptions(program).map(toOption);
}

function toHelpWords(command: Command, others: readonly Command[]): CommandWords {
  const choices = others.map((other) => other.name());
  return { ...toWords(command), options: [], argument: { name: 'command', kind: 'choice', choices } };
}

function toWords(command: Command): CommandWords {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    options: command.createHelp().visibleOptions(command).map(toOption),
    argument: argument && toValue(argument.name(), argument.argChoices),
  };
}

function toOption(option: Option): OptionWords {
  const [, name] = /<(.+)>/.exec(option.flags) ?? [];
  return {
    long: option.long ?? '',
    short: option.short,
    description: option.description,
    isRepeatable: option.description.includes('(repeatable)'),
    value: name === undefined ? undefined : toValue(name, option.argChoices),
  };
}

function toValue(name: string, choices: readonly string[] = []): Value {
  return { name, kind: choices.length > 0 ? 'choice' : (kindsByName[name] ?? 'other'), choices };
}
