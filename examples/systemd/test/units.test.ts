import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../units/', import.meta.url));
const units = readdirSync(source);
const folder = mkdtempSync(join(tmpdir(), 'ceres-units-'));
afterAll(() => rmSync(folder, { recursive: true }));

const version = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
const isHere = version.status === 0;
if (!isHere) {
  const how = 'Install systemd (Debian: `apt-get install systemd`); it does not have to run.';
  if (process.env.CI === 'true') throw new Error(`systemd-analyze is missing. ${how}`);
  const line = '!'.repeat(100);
  console.warn(`${line}\nSKIPPED: the check of the units by systemd-analyze, which is missing.\n${how}\n${line}`);
}

/** Puts all units into the folder, with a program that is there; returns what systemd says of one. It ends with 0 also after a key that it does not know. */
function verified(unit: string, change: (text: string) => string = (text) => text): string {
  for (const name of units) {
    const text = readFileSync(join(source, name), 'utf8').replaceAll('=/usr/bin/ceres ', `=${process.execPath} `);
    writeFileSync(join(folder, name), name === unit ? change(text) : text);
  }
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', join(folder, unit)], { encoding: 'utf8' });
  return stdout + stderr;
}

describe.skipIf(!isHere)('systemd', () => {
  it.each(units)('has nothing to say of %s', (unit) => {
    expect(verified(unit)).toBe('');
  });

  it('would name a key that it does not know, and a time that is none', () => {
    expect(verified('ceres-drill.service', (text) => text.replace('Nice=', 'Niice='))).toContain('Unknown key');
    expect(verified('ceres-drill.timer', (text) => text.replace('Sun 03:17', 'Someday'))).toContain('Someday');
  });
});

/** Returns the arguments that a service gives to ceres, and the folders below /var/lib that are its own. */
function givenTo(service: string): { command: string; own: readonly string[]; text: string } {
  const text = readFileSync(join(source, service), 'utf8');
  const [, command = ''] = /^ExecStart=\/usr\/bin\/ceres (.*)$/m.exec(text) ?? [];
  const [, own = ''] = /^StateDirectory=(.*)$/m.exec(text) ?? [];
  return { command, own: own.split(' ').map((name) => `/var/lib/${name}/`), text };
}

it.each([
  ['watch', ['--to', '--snapshot', '--state-file', '--metrics', '--scratch-dir']],
  ['report', ['--certificates', '--goal', '--out']],
  ['metrics', ['--certificates', '--out']],
  ['drill', ['--certificates', '--work-dir']],
  ['status', ['--certificates']],
])('the %s is given these options, and folders that the unit may write', (name, options) => {
  const { command, own } = givenTo(`ceres-${name}.service`);
  expect(command.match(/--[a-z-]+/g)).toEqual(options);
  for (const file of command.match(/\/var\/lib\/\S+/g) ?? []) {
    expect(own.some((folder) => file.startsWith(folder))).toBe(true);
  }
});

it.each(['watch', 'report', 'metrics'])('what the %s writes can be read by others', (name) => {
  const { text } = givenTo(`ceres-${name}.service`);
  expect(text).toContain('\nStateDirectoryMode=0755\n');
  // Below /var/lib/private, where a dynamic user's files are, no other user reads.
  expect(text).not.toContain('DynamicUser');
});

it('units that share a folder have one user, so that none takes it from another that runs', () => {
  for (const unit of units.filter((name) => name.endsWith('.service'))) {
    expect(readFileSync(join(source, unit), 'utf8')).toContain('\nUser=ceres\n');
  }
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toMatch(/^useradd --system .*ceres$/m);
});

it('each timer starts a service of its name', () => {
  const names = (suffix: string) =>
    units.filter((unit) => unit.endsWith(suffix)).map((unit) => unit.replace(suffix, ''));
  expect(names('.timer')).toEqual(['ceres-drill', 'ceres-metrics', 'ceres-report', 'ceres-status', 'ceres-watch']);
  expect(names('.service')).toEqual(names('.timer'));
});
