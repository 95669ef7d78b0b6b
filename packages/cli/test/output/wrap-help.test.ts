import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/run';
import { screen } from './screen';

const { commands } = createProgram(screen().terminal, () => undefined);

/** Returns what a terminal of some columns shows of the help of a command. */
async function helpOn(columns: number, ...argv: string[]): Promise<readonly string[]> {
  const { terminal, lines } = screen([...argv, '--help'], columns);
  const program = createProgram(terminal, () => undefined);
  await program.parseAsync([...argv, '--help'], { from: 'user' }).catch(() => undefined);
  return lines();
}

describe('the help on a terminal of 80 columns', () => {
  it.each([[], ...commands.map((command) => [command.name()])])(
    'of ceres %s fits, but for commands to copy',
    async (...argv) => {
      const lines = await helpOn(80, ...argv.filter((name) => name !== undefined));
      expect(lines.length).toBeGreaterThan(5);
      const long = lines.filter((line) => line.length > 80 && !/^ {2,4}ceres |^ {6}--/.test(line));
      expect(long).toEqual([]);
    },
  );

  it('keeps the column of a table whose row takes two lines', async () => {
    const lines = await helpOn(80, 'watch');
    const at = lines.findIndex((line) => line.startsWith('    3  done, with'));
    expect(lines[at + 1]).toMatch(/^ {7}\S/);
  });
});
