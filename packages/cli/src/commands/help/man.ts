import type { Command } from 'commander';
import type { Terminal } from '../../terminal';

/** Adds a command that the build uses; `man ceres` shows what it made. */
export function addMan(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  program
    .command('man', { hidden: true })
    .description('Prints the manual page of ceres, as roff.')
    .action(async () => {
      const { runMan } = await import('../../actions/help/man');
      end(runMan(program, terminal));
    });
}
