import { quote } from './quote';
import type { CommandWords, OptionWords, Value } from './words';

/** Returns a script for bash 3.2 and later, which needs no other package. Pressing Tab starts no process. */
export function bashScript(commands: readonly CommandWords[], programOptions: readonly OptionWords[]): string {
  return `# bash completion for ceres, made by: ceres completion bash
_ceres() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # Bash divides --level=content into three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W ${quote([...commands.map(({ name }) => name), ...flags(programOptions)].join(' '))} -- "$cur"))
    return
  fi
  case "$command $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command $cur" in
${commands.flatMap(wordCases).join('\n')}
  esac
}
# Where the function offers nothing, bash completes the names of files.
complete -o bashdefault -o default -F _ceres ceres
`;
}

/** Returns what completes the values of a command's options: one line for all that are completed alike. */
function valueCases({ name, options }: CommandWords): string[] {
  const patterns = new Map<string, string[]>();
  for (const { long, value } of options) {
    if (value === undefined) continue;
    const offered = offer(value);
    patterns.set(offered, [...(patterns.get(offered) ?? []), quote(`${name} ${long}`)]);
  }
  return [...patterns].map(([offered, alike]) => `    ${alike.join(' | ')}) ${offered}; return ;;`);
}

/** Returns what completes a command's options, and its argument. */
function wordCases({ name, options, argument }: CommandWords): string[] {
  const ofOptions =
    options.length === 0
      ? []
      : [`    ${quote(`${name} -`)}*) COMPREPLY=($(compgen -W ${quote(flags(options).join(' '))} -- "$cur")) ;;`];
  return [...ofOptions, ...(argument === undefined ? [] : [`    ${quote(`${name} `)}*) ${offer(argument)} ;;`])];
}

function offer({ kind, choices }: Value): string {
  if (kind === 'choice') return `COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$cur"))`;
  // Bash 3.2 has no compopt: it offers files there, too.
  if (kind === 'other') return 'compopt +o default +o bashdefault 2>/dev/null';
  return kind === 'folder' ? 'compopt -o dirnames 2>/dev/null' : ':';
}

function flags(options: readonly OptionWords[]): string[] {
  return options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
}
