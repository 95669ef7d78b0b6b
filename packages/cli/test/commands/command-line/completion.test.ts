import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/run';
import { ceres } from '../../support/in-process';

const shells = ['bash', 'zsh', 'fish'] as const;

const terminal = { argv: [], stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
const program = createProgram({ ...terminal, signal: new AbortController().signal }, () => undefined);
const visible = program.createHelp().visibleCommands(program);
const defined = visible.flatMap((command) =>
  command.name() === 'help' ? [] : command.options.map((option) => `${command.name()} ${option.long}`),
);

describe.each(shells)('ceres completion %s', (shell) => {
  it('holds every command and every option of it, and no hidden command', async () => {
    const { exitCode, stdout, stderr } = await ceres(['completion', shell]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const found = optionsIn(shell, stdout);
    expect(found.filter((words) => !words.endsWith(' --help')).sort()).toEqual([...defined].sort());
    for (const command of visible) expect(stdout).toMatch(new RegExp(`\\b${command.name()}\\b`));
    expect(stdout).not.toMatch(/\bman\b/);
  });

  it.runIf(isInstalled(shell))('is a script that the shell itself reads without a complaint', async () => {
    const { stdout } = await ceres(['completion', shell]);
    expect(execFileSync(shell, ['-n'], { input: stdout, encoding: 'utf8', stdio: 'pipe' })).toBe('');
  });
});

it('refuses a shell that it does not know, and names those it knows', async () => {
  const { exitCode, stderr } = await ceres(['completion', 'tcsh']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('Allowed choices are bash, zsh, fish.');
});

describe.runIf(isInstalled('bash'))('in bash, Tab', () => {
  let folder: string;
  let script: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ceres-completion-'));
    mkdirSync(join(folder, 'a-folder'));
    writeFileSync(join(folder, 'a-file'), '');
    script = join(folder, 'ceres.bash');
    writeFileSync(script, (await ceres(['completion', 'bash'])).stdout);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Returns what the function of the script offers for the last word. */
  function offered(...words: readonly string[]): string[] {
    const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ceres; printf '%s\\n' "\${COMPREPLY[@]}"`;
    // Without the user's set-up, and twice: a set-up may read the script again.
    const bash = ['--norc', '--noprofile', '-uc', `source "$0"; source "$0"; ${ask}`, script, 'ceres', ...words];
    return execFileSync('bash', bash, { cwd: folder, encoding: 'utf8' }).split('\n').filter(Boolean);
  }

  it.each<[readonly string[], readonly string[]]>([
    [['res'], ['restore']],
    [['--v'], ['--version']],
    [
      ['restore', '--map'],
      ['--map-db', '--map-rp'],
    ],
    [
      ['ls', '-'],
      ['--storage-package', '--instance', '--days', '--json', '-h', '--help'],
    ],
    [['verify', '/backup', '--level', 'con'], ['content']],
    [
      ['verify', '/backup', '--level', ''],
      ['counts', 'content'],
    ],
    [
      ['verify', '/backup', '--level', '='],
      ['counts', 'content'],
    ],
    [['verify', '/backup', '--level', '=', 'cou'], ['counts']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'un'], ['unlock']],
    [['restore', '--db', ''], []],
    [['frobnicate', ''], []],
  ])('after ceres %j offers %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  it('runs nothing that stands on the line', () => {
    expect(offered('ls', '$(touch ran)', '`touch ran`', '; touch ran', '-')).toContain('--days');
    expect(execFileSync('ls', [folder], { encoding: 'utf8' })).not.toContain('ran');
  });
});

/** Returns each option that a script completes, with its command, such as `restore --db`. */
function optionsIn(shell: (typeof shells)[number], script: string): string[] {
  if (shell === 'fish') {
    const lines = script.matchAll(/^complete -c ceres -n '__fish_seen_subcommand_from (\w+)' (?:-s \w )?-l ([\w-]+)/gm);
    return [...lines].map(([, command, option]) => `${command} --${option}`);
  }
  if (shell === 'bash') {
    const lines = script.matchAll(/^ +'(\w+) -'\*\) COMPREPLY=\(\$\(compgen -W '(.*?)'/gm);
    return [...lines].flatMap(([, command, words = '']) =>
      words.split(' ').flatMap((word) => (word.startsWith('--') ? [`${command} ${word}`] : [])),
    );
  }
  const cases = script.matchAll(/^ {8}(\w+)\)\n([\s\S]*?);;$/gm);
  return [...cases].flatMap(([, command, specs = '']) =>
    [...specs.matchAll(/^ +'\*?(?:\(.*?\))?(--[\w-]+)\[/gm)].map(([, option]) => `${command} ${option}`),
  );
}

function isInstalled(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'exit 0'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
