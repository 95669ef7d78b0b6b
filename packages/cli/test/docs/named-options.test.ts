import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createProgram } from '../../src/run';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const terminal = { argv: [], stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
const program = createProgram({ ...terminal, signal: new AbortController().signal }, () => undefined);
const optionsOf = new Map(
  program.commands.map((command) => [command.name(), command.options.map(({ long }) => `${long}`)]),
);

function textsOf(...patterns: readonly string[]): { path: string; text: string }[] {
  const paths = execFileSync('git', ['ls-files', '--', ...patterns], { cwd: root, encoding: 'utf8' }).split('\n');
  return paths.filter(Boolean).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function longOptions(text: string): string[] {
  return [...text.matchAll(/(?<=[\s(`'"])--[a-z][a-z-]*/g)].map(([option]) => option);
}

it('every `ceres` command in the docs and examples has options that the command takes', () => {
  const commands = textsOf('*.md', '*.ts').flatMap(({ path, text }) =>
    [...text.replaceAll(/\\+\n\s*/g, '').matchAll(/^ *ceres (\w+) (.*)$/gm)].map(([, name = '', rest = '']) => ({
      path,
      name,
      options: longOptions(` ${rest.replace(/#.*/, '')}`),
    })),
  );
  expect(commands.length).toBeGreaterThan(25);
  const wrong = commands.flatMap(({ path, name, options }) =>
    options
      .filter((option) => !optionsOf.get(name)?.includes(option))
      .map((option) => `${path}: ceres ${name} ${option}`),
  );
  expect(wrong).toEqual([]);
});

it('every option that a page names in running text exists', () => {
  const known = new Set([...optionsOf.values()].flat());
  const pages = textsOf('README.md', 'docs/disaster-recovery.md', 'docs/errors.md', 'packages/restore/README.md');
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`(--[a-z][a-z-]*)/g)].map(([, option = '']) => ({ path, option })),
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter(({ option }) => !known.has(option))).toEqual([]);
});

it('every command and option that an alert names exists', () => {
  const known = new Set([...optionsOf.values()].flat());
  const rules = textsOf('examples/monitoring/prometheus/ceres.rules.yml').map(({ text }) => text);
  const named = rules.flatMap((text) => [...text.matchAll(/`ceres (\w+)([^`]*)`/g)]);
  expect(named.length).toBeGreaterThan(8);
  for (const [said, name = '', rest = ''] of named) {
    expect([said, optionsOf.has(name), longOptions(rest)]).toEqual([
      said,
      true,
      longOptions(rest).filter((option) => optionsOf.get(name)?.includes(option)),
    ]);
  }
  const alone = rules.flatMap((text) => [...text.matchAll(/`(--[a-z-]+)`/g)]).map(([, option = '']) => option);
  expect(alone.length).toBeGreaterThan(0);
  expect(alone.filter((option) => !known.has(option))).toEqual([]);
});

it('every option that a message of restore or verify names exists', () => {
  const known = new Set([...optionsOf.values()].flat());
  const named = textsOf('packages/restore/src').flatMap(({ path, text }) =>
    longOptions(text).map((option) => `${path}: ${option}`),
  );
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((each) => !known.has(each.slice(each.indexOf(': ') + 2)))).toEqual([]);
});
