import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStorage } from '@ceres/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodeMeanings, exitCodes } from '../../../src/exit-codes';
import { ceres } from '../../support/in-process';

let folder: string;
let backup: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ceres-cli-'));
  backup = `file://${folder}/backup`;
});
afterEach(() => rmSync(folder, { recursive: true }));

async function store(...keys: string[]): Promise<void> {
  const storage = new LocalStorage(join(folder, 'backup'));
  for (const key of keys) {
    await storage.put(key, {
      sizeBytes: 4,
      async *open() {
        yield Buffer.from('abcd');
      },
    });
  }
}

const uuid = (day: string, n: number) => {
  const ms = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`) + n;
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};
const key = (path: string, day: string, n = 0) => `${path}/${day}/${uuid(day, n)}.gz`;

describe('a wrong command line ends with 2 and says what is right:', () => {
  it.each([
    [['restore'], "'--to <influx-url>' not specified"],
    [['ls'], "missing required argument 'storage-url'. Give it, or set CERES_STORAGE."],
    [['ls', 'file:///a#b'], 'without "#": write %23 for it'],
    [['ls', 'file:///b', '--instnce', 'x'], '(Did you mean --instance?)'],
    [['restore', 'file:///b', '--instance', 'x', '--to', 'http://a:b@h'], 'INFLUX_PASSWORD'],
    [
      ['restore', 'file:///b', '--instance', 'x', '--to', 'http://h', '--lanes', 'many'],
      'Expected a whole number, such as 4.',
    ],
    [['restore', 'file:///b', '--instance', 'x', '--to', 'http://h', '--shard', '4/4'], 'Expected a part, such as 0/4'],
    [['verify', 'file:///b', '--instance', 'x', '--to', 'http://h', '--level', 'all'], 'counts, content'],
    [['frobnicate'], "unknown command 'frobnicate'"],
  ])('ceres %j', async (argv, reason) => {
    const { exitCode, stdout, stderr } = await ceres(argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
    expect(stdout).toBe('');
  });
});

it('never repeats a secret that was typed into a URL: logs would keep it', async () => {
  const { exitCode, stderr } = await ceres(['restore', 'file:///b', '--instance', 'x', '--to', 'http://u:s3cret@h']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('INFLUX_PASSWORD');
  expect(stderr).not.toContain('s3cret');
});

describe('ceres --help', () => {
  it.each(['ls', 'cat', 'check', 'restore', 'verify'])('of %s shows an example and the exit codes', async (command) => {
    const { exitCode, stdout } = await ceres([command, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example.*\\n +ceres ${command} (file|gs)://`, 's'));
    expect(stdout).toMatch(/Exit codes:\n +0 {2}done\n/);
  });

  it('ends with 0 and shows examples, where secrets come from, and the exit codes', async () => {
    const { exitCode, stdout } = await ceres(['--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Examples:[\s\S]*INFLUX|INFLUX[\s\S]*Examples:/);
    for (const [name, code] of Object.entries(exitCodes)) {
      expect(stdout).toContain(`${code}  ${exitCodeMeanings[name as keyof typeof exitCodes]}`);
    }
  });
});

describe('ceres ls', () => {
  it('shows each policy with the times of its files, names the days without a file, and counts files and bytes', async () => {
    await store(
      key('influxdb-0/db_0/rp_5d', '20261120'),
      key('influxdb-0/db_0/rp_5d', '20261120', 3_600_000),
      key('influxdb-0/db_0/rp_5d', '20261123', 60_000),
      key('influxdb-0/db_0/rp_5d', '20261125'),
      key('influxdb-0/a%20b/~default', '20261120'),
      key('influxdb-1/db_0/rp_5d', '20261120'),
      key('~quarantine/influxdb-0/db_0/rp_5d', '20261120'),
      'notes/readme.txt',
    );
    const { exitCode, stdout, stderr } = await ceres(['ls', backup]);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'influxdb-0',
      'database  policy              first file (UTC)  last file (UTC)   files  size',
      'a b       (default)           2026-11-20 00:00  2026-11-20 00:00      1   4 B',
      'db_0      rp_5d               2026-11-20 00:00  2026-11-25 00:00      4  16 B',
      'db_0      rp_5d (quarantine)  2026-11-20 00:00  2026-11-20 00:00      1   4 B',
      'no file of db_0.rp_5d on',
      '  2026-11-21 to 2026-11-22, 2026-11-24',
      '',
      'influxdb-1',
      'database  policy  first file (UTC)  last file (UTC)   files  size',
      'db_0      rp_5d   2026-11-20 00:00  2026-11-20 00:00      1   4 B',
    ]);
    expect(stderr).toContain('Left out 1 other file,');
  });

  it('ends with 4 if the backup is empty, and says so', async () => {
    await store('notes/readme.txt');
    const { exitCode, stdout, stderr } = await ceres(['ls', backup]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toContain(`Found no file of a backup in ${backup}.`);
  });

  it('gives one JSON object for each policy with --json', async () => {
    await store(key('influxdb-0/db_0/rp_5d', '20261120'), key('influxdb-0/db_0/rp_5d', '20261122'));
    const { stdout } = await ceres(['ls', backup, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      instance: 'influxdb-0',
      daysWithout: ['20261121'],
      firstFile: '2026-11-20T00:00:00.000Z',
      lastFile: '2026-11-22T00:00:00.000Z',
      files: 2,
      days: { '20261120': { files: 1, bytes: 4 } },
    });
  });

  it('fails if the folder does not exist, and names it: a mistyped path is not an empty backup', async () => {
    const { exitCode, stderr } = await ceres(['ls', backup]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(join(folder, 'backup'));
  });
});
