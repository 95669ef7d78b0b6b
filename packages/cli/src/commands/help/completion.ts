import { Argument, type Command } from 'commander';
import type { Shell } from '../../actions/help/completion';
import type { Terminal } from '../../terminal';

export function addCompletion(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  program
    .command('completion')
    .description('Prints a script that completes commands, options and files for a shell.')
    .addArgument(new Argument('<shell>', 'the shell that reads it').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples)
    .action(async (shell: Shell) => {
      const { runCompletion } = await import('../../actions/help/completion');
      end(runCompletion(shell, program, terminal));
    });
}

const examples = `
Examples:
  bash, in ~/.bashrc:                    eval "$(ceres completion bash)"
  zsh, in ~/.zshrc, after compinit:      eval "$(ceres completion zsh)"
  fish, in ~/.config/fish/config.fish:   ceres completion fish | source`;
