import { commandLine } from '@ceres/internal';
import { paint, print, type Terminal } from '../../terminal';

/** What to type next, and what for. */
export interface NextCommand {
  /** Completes the sentence "Next, to …:". */
  readonly to: string;
  readonly command: string;
}

/** The options without a value, of any command. All others take the word that follows. */
export const flags: ReadonlySet<string> = new Set([
  '--again',
  '--all',
  '--allow-remote',
  '--days',
  '--dry-run',
  '--fill',
  '--into-existing',
  '--json',
  '--large-damage',
  '--live',
  '--reader',
  '--wipe',
  '--with-schema',
  '--yes',
]);

/** The options of `check` that say what is worked on. */
const ofFiles = [
  '--instance',
  '--db',
  '--policy',
  '--opened-from',
  '--opened-before',
  '--exclude',
  '--keep',
  '--retired',
];

/** The options of `restore` and `verify` that say what is worked on, and where. */
const ofPoints = [
  ...ofFiles,
  ...['--measurement', '--from', '--until', '--shard', '--to', '--map-db', '--map-rp', '--precision'],
];

/** Stands for the server, which the command line of a command that reads only the backup does not name. */
export const placeholder: readonly string[] = ['--to', 'http://HOST:8086'];

/** Options of which `heal` knows nothing: the whole backup of what is healed counts. */
export const notOfHeal: readonly string[] = ['--opened-from', '--opened-before', '--exclude', '--shard'];

const shared: Readonly<
  Record<'check' | 'diagnose' | 'heal' | 'ls' | 'restore' | 'seed' | 'status' | 'verify', ReadonlySet<string>>
> = {
  check: new Set(ofFiles),
  diagnose: new Set(['--instance', '--db', '--keep', '--retired', '--to', '--map-db', '--map-rp', '--precision']),
  heal: new Set([...ofPoints, '--snapshot', '--threads', '--scratch-dir'].filter((name) => !notOfHeal.includes(name))),
  ls: new Set(['--instance']),
  restore: new Set(ofPoints),
  seed: new Set(['--instance', '--db', '--precision']),
  status: new Set(['--instance', '--keep', '--retired', '--accept']),
  verify: new Set(ofPoints),
};

/** Returns another command on the same files, points and server. */
export function otherCommand(
  { argv }: Terminal,
  name: keyof typeof shared,
  add: readonly string[] = [],
  without: readonly string[] = [],
): string {
  const isOf = (option: string) => option === '--storage-package' || shared[name].has(option);
  const kept = [...optionsOf(argv)].filter(
    ({ option }) => option === undefined || (isOf(option) && !without.includes(option)),
  );
  return commandLine([name, ...kept.flatMap(({ words }) => words), ...add]);
}

/** Returns the same command with other options. */
export function sameCommand({ argv }: Terminal, without: readonly string[], add: readonly string[] = []): string {
  const kept = [...optionsOf(argv)].filter(({ option }) => option === undefined || !without.includes(option));
  return commandLine([argv[0] ?? '', ...kept.flatMap(({ words }) => words), ...add]);
}

/** Returns whether a command line has an option. */
export function hasOption({ argv }: Terminal, ...names: readonly string[]): boolean {
  return [...optionsOf(argv)].some(({ option }) => option !== undefined && names.includes(option));
}

/** Yields the words after the name of the command, each option with its value. */
function* optionsOf(
  argv: readonly string[],
): Generator<{ readonly option?: string; readonly words: readonly string[] }> {
  for (let i = 1; i < argv.length; i += 1) {
    const word = argv[i] ?? '';
    const [option = ''] = word.split('=', 1);
    if (!word.startsWith('--') || word === '--') yield { words: [word] };
    else if (word.includes('=') || flags.has(option)) yield { option, words: [word] };
    else {
      yield { option, words: argv.slice(i, i + 2) };
      i += 1;
    }
  }
}

/** Prints what to type next. The command is on a line of its own, so that it can be copied. */
export function printNext(terminal: Terminal, ...next: readonly NextCommand[]): void {
  for (const { to, command } of next) {
    print(terminal, `Next, to ${to}:`, `  ${paint(terminal, 'stdout', 'bold', command)}`);
  }
}
