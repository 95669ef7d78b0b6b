import type { CommandWords, OptionWords, Value } from './words';

/** Returns a script for fish. */
export function fishScript(commands: readonly CommandWords[], programOptions: readonly OptionWords[]): string {
  const first = '__fish_use_subcommand';
  const lines = [
    '# fish completion for ceres, made by: ceres completion fish',
    'complete -c ceres -f',
    ...programOptions.map((option) => optionLine(first, option)),
    ...commands.map(
      ({ name, description }) => `complete -c ceres -n ${first} -a ${quote(name)} -d ${quote(description)}`,
    ),
    ...commands.flatMap(commandLines),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines({ name, options, argument }: CommandWords): string[] {
  const condition = `'__fish_seen_subcommand_from ${name}'`;
  const ofOptions = options.map((option) => optionLine(condition, option));
  if (argument === undefined) return ofOptions;
  return [`complete -c ceres -n ${condition} ${offer(argument)}`, ...ofOptions];
}

function optionLine(condition: string, { short, long, description, value }: OptionWords): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const takes = value === undefined ? '' : ` -r ${offer(value)}`;
  return `complete -c ceres -n ${condition} ${names}${takes} -d ${quote(description)}`;
}

function offer({ kind, choices }: Value): string {
  if (kind === 'choice') return `-f -a ${quote(choices.join(' '))}`;
  if (kind === 'folder') return `-f -a '(__fish_complete_directories)'`;
  return kind === 'file' ? '-F' : '-f';
}

/** Returns a text in single quotes as fish reads it: a backslash escapes there, too. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
