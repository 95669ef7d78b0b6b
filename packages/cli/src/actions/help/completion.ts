import type { Command } from 'commander';
import { bashScript } from '../../completion/bash';
import { fishScript } from '../../completion/fish';
import { commandsOf, programOptions } from '../../completion/words';
import { zshScript } from '../../completion/zsh';
import { exitCodes } from '../../exit-codes';
import type { Terminal } from '../../terminal';

export type Shell = 'bash' | 'zsh' | 'fish';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

export function runCompletion(shell: Shell, program: Command, terminal: Terminal): number {
  terminal.stdout.write(scripts[shell](commandsOf(program), programOptions(program)));
  return exitCodes.done;
}
