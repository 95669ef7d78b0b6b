import { quote } from './quote';
import type { CommandWords, OptionWords, Value } from './words';

/** Returns a script for zsh. It works in a folder of `$fpath` as `_ceres`, and when it is evaluated after `compinit`. */
export function zshScript(commands: readonly CommandWords[], programOptions: readonly OptionWords[]): string {
  return `#compdef ceres
# zsh completion for ceres, made by: ceres completion zsh
_ceres() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quote(`${name}:${description.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  _arguments -C \\
${programOptions.map((option) => `    ${quote(optionSpec(option))} \\`).join('\n')}
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _ceres ]]; then
  _ceres "$@"
else
  compdef _ceres ceres
fi
`;
}

function commandCase({ name, options, argument }: CommandWords): string {
  const specs = [...options.map(optionSpec), ...(argument === undefined ? [] : [`1${valueSpec(argument)}`])];
  return `        ${name})
          _arguments \\
${specs.map((spec) => `            ${quote(spec)}`).join(' \\\n')}
          ;;`;
}

function optionSpec({ short, long, description, isRepeatable, value }: OptionWords): string {
  const shown = `[${description.replaceAll(/[[\]\\]/g, '\\$&')}]${value === undefined ? '' : valueSpec(value)}`;
  // The short form is not offered, because the long one says what it does.
  return `${isRepeatable ? '*' : ''}${short === undefined ? '' : `(${short} ${long})`}${long}${shown}`;
}

function valueSpec({ name, kind, choices }: Value): string {
  const actions: Readonly<Record<Value['kind'], string>> = {
    choice: `(${choices.join(' ')})`,
    file: '_files',
    folder: '_files -/',
    other: ' ',
  };
  return `:${name.replaceAll(':', '\\:')}:${actions[kind]}`;
}
