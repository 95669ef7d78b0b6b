import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createMetrics, createReport, drill } from '@ceres/drill';
import {
  backupStatus,
  compile,
  diagnose,
  heal,
  planRestore,
  previewCompile,
  previewRestore,
  restore,
  verify,
  watch,
} from '@ceres/restore';
import { seed } from '@ceres/seed';
import type { Option } from 'commander';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../src/run';
import { ceres } from '../support/in-process';

vi.mock('@ceres/restore', async (original) => ({
  ...(await original<typeof import('@ceres/restore')>()),
  planRestore: vi.fn(async () => ({ files: 0, bytes: 0, partitions: [], missing: [], closed: [], list: () => [] })),
  estimateRestore: vi.fn(async () => ({ lines: 0, isUpperBound: false, filesUnknown: 0 })),
  previewRestore: vi.fn(async () => ({ creates: [], wipes: [], expires: [], otherDefaults: [] })),
  restore: vi.fn(async () => ({
    files: 0,
    lines: 0,
    typeConflicts: [],
    unsealedFiles: [],
    damagedFiles: [],
    closedFiles: [],
  })),
  previewCompile: vi.fn(() => ({ creates: [], leftOut: [], scratchBytes: 0, outBytes: 0 })),
  compile: vi.fn(async () => ({
    files: 0,
    typeConflicts: [],
    unsealedFiles: [],
    damagedFiles: [],
    closedFiles: [],
    leftOut: [],
  })),
  backupStatus: vi.fn(async () => ({ isGood: true, instances: [], unused: [] })),
  heal: vi.fn(async () => ({
    equal: true,
    skipped: 0,
    refused: 0,
    reasons: [],
    left: { changedFields: [] },
    notCompared: [],
  })),
  diagnose: vi.fn(async () => ({ outcome: 'GOOD', instance: '', disasters: [], unjudged: [], points: 0 })),
  watch: vi.fn(async () => ({ outcome: 'GOOD', instance: '', alarms: [], pending: [], unjudged: [], coverage: [] })),
  verify: vi.fn(async () => ({
    equal: true,
    points: 0,
    findings: [],
    mismatches: [],
    absentPolicies: [],
    seedOnly: [],
    notCompared: [],
  })),
}));
vi.mock('@ceres/seed', async (original) => ({
  ...(await original<typeof import('@ceres/seed')>()),
  seed: vi.fn(async () => ({ partitions: [], losses: [], unchecked: [] })),
}));
vi.mock('@ceres/drill', async (original) => ({
  ...(await original<typeof import('@ceres/drill')>()),
  drill: vi.fn(async () => ({ certificate: { verdict: 'PASS' }, leftovers: { removed: [], kept: [] } })),
  createMetrics: vi.fn(async () => ''),
  createReport: vi.fn(async () => ({ html: '', isGood: true })),
}));
beforeEach(() => vi.clearAllMocks());

const folder = mkdtempSync(join(tmpdir(), 'ceres-names-'));
afterAll(() => rmSync(folder, { recursive: true }));
const policiesFile = join(folder, 'policies.json');
writeFileSync(policiesFile, '{"rp_5d":{"duration":"5d"}}');

/** The same of every command that has them. */
const ofAllCommands = ['--json', '--storage-package'];

/** Options about the command line itself, which no API option corresponds to. */
const withoutApi = [
  'ls --instance',
  'ls --days',
  'check --all',
  'verify --all',
  'restore --dry-run',
  'restore --yes',
  'restore --fill',
  'restore --allow-remote',
  'restore --threads',
  'restore --memory',
  'heal --dry-run',
  'heal --yes',
  'watch --every',
  'watch --metrics',
  'unlock --yes',
  'compile --dry-run',
  'seed --dry-run',
  'drill --check',
  'drill --public-key',
  'status --certificates',
  'restore --certificates',
  ...['--bucket', '--prefix', '--instance', '--expire-after', '--lock-for'].map((option) => `policy ${option}`),
  'doctor --reader',
  'doctor --accept',
  'report --out',
  'metrics --out',
];

/** What to give each option, and what the API must get. */
const samples: Readonly<Record<string, readonly [given: readonly string[], expected: unknown]>> = {
  '--instance': [['influxdb-0'], 'influxdb-0'],
  '--db': [['db_0'], ['db_0']],
  '--policy': [['rp_5d'], ['rp_5d']],
  '--opened-from': [['1970-01-01T00:00:01Z'], 1_000],
  '--opened-before': [['1970-01-01T00:00:02Z'], 2_000],
  '--measurement': [['cpu'], ['cpu']],
  '--from': [['1970-01-01T00:00:01Z'], 1_000_000_000n],
  '--until': [['1970-01-01T00:00:02Z'], 2_000_000_000n],
  '--shard': [['1/4'], { index: 1, of: 4 }],
  '--to': [['http://influxdb-0:8086'], { url: new URL('http://influxdb-0:8086') }],
  '--map-db': [['db_0=db_1'], { db_0: 'db_1' }],
  '--map-rp': [['rp_5d=rp_9d'], { rp_5d: 'rp_9d' }],
  '--precision': [['ms'], 'ms'],
  '--snapshot': [['tcp://127.0.0.1:8088'], 'tcp://127.0.0.1:8088'],
  '--native': [['tcp://127.0.0.1:8088'], { url: 'tcp://127.0.0.1:8088' }],
  '--journal-file': [['a.journal'], 'a.journal'],
  '--rejects-dir': [['refused'], 'refused'],
  '--rejects-max': [['7'], 7],
  '--lanes': [['2'], 2],
  '--rate': [['20000'], 20_000],
  '--patience': [['90s'], 90_000],
  '--rp': [['rp_5d=5d'], { rp_5d: { duration: '5d' } }],
  '--policies': [[policiesFile], { rp_5d: { duration: '5d' } }],
  '--exclude': [['a.gz'], ['a.gz']],
  '--wipe': [['--yes'], true],
  '--live': [[], true],
  '--accept': [['a.gz'], ['a.gz']],
  '--salvage-damaged': [['salvage'], 'salvage'],
  '--include-salvaged': [['salvage'], 'salvage'],
  '--into-existing': [[], true],
  '--with-schema': [[], true],
  '--out': [['compiled'], 'compiled'],
  '--memory': [['64'], 64 * 1024 * 1024],
  '--threads': [['2'], 2],
  '--level': [['content'], 'content'],
  '--points': [['5'], 5],
  '--only': [['different'], 'different'],
  '--large-damage': [[], true],
  '--wait': [['90s'], 90_000],
  '--keep': [['90s'], 90_000],
  '--retired': [['a-sink'], ['a-sink']],
  '--scratch-dir': [['/scratch'], '/scratch'],
  '--source': [['/var/lib/influxdb/data'], '/var/lib/influxdb/data'],
  '--again': [[], true],
  '--influx': [['http://influxdb-0:8086'], { url: new URL('http://influxdb-0:8086') }],
  '--wal-dir': [['/wal'], '/wal'],
  '--meta-dir': [['/meta'], '/meta'],
  '--work-dir': [['/work'], '/work'],
  '--segment-bytes-max': [['1048576'], 1_048_576],
  '--gzip-level': [['6'], 6],
  '--sample': [['2.5'], 2.5],
  '--load': [['50'], 50],
  '--route': [['write'], 'write'],
  '--influxd': [['/opt/influxd'], '/opt/influxd'],
  '--scratch-server': [['http://scratch:8086'], { url: new URL('http://scratch:8086') }],
  'drill --native': [['tcp://127.0.0.1:8088'], 'tcp://127.0.0.1:8088'],
  '--allow-remote': [[], true],
  '--certificates': [[`file://${folder}`], expect.objectContaining({ put: expect.any(Function) })],
  '--state-file': [['a.watch.json'], 'a.watch.json'],
  '--period': [['90s'], 90_000],
  '--grace': [['90s'], 90_000],
  'metrics --certificates': [[`file://${folder}`], expect.objectContaining({ get: expect.any(Function) })],
  'report --certificates': [[`file://${folder}`], expect.objectContaining({ get: expect.any(Function) })],
  '--goal': [['1h'], 3_600_000],
  '--signing-key': [[policiesFile], '{"rp_5d":{"duration":"5d"}}'],
};

const terminal = { argv: [], stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
const program = createProgram({ ...terminal, signal: new AbortController().signal }, () => undefined);
const options = program.commands
  .flatMap((command) => command.options.map((option) => ({ command: command.name(), option, long: `${option.long}` })))
  .filter(({ command, long }) => !ofAllCommands.includes(long) && !withoutApi.includes(`${command} ${long}`));

/** The rows of the README's table: option, API option, commands. */
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const table = [...readme.matchAll(/^\| `(--[a-z-]+)[^`]*` +\| `(\w+)` +\| (.*\S) +\|$/gm)].map(
  ([, long = '', api = '', commands = '']) => ({ long, api, commands: commands.replaceAll('`', '').split(' ') }),
);

const rowOf = (command: string, long: string) =>
  table.find((row) => row.long === long && row.commands.includes(command));

/** Returns the names that the README's rule allows for an API option. */
function allowedNames(api: string, option: Option): string[] {
  const kebab = api.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const withoutUnit = kebab.replace(/-(?:ms|bytes|lines-per-second)$/, '');
  // Commander gives the earlier value to the parser of an option that may be repeated; its help text says so.
  const isRepeatable = option.description.includes('(repeatable)');
  const name = isRepeatable ? withoutUnit.replace(/ies$/, 'y').replace(/s$/, '') : withoutUnit;
  const short = name.replace('database', 'db').replace('retention-policy', 'policy');
  return [short, short.replace('policy', 'rp')].map((word) => `--${word}`);
}

describe('the table in the README', () => {
  it('lists every option of every command, and no other', () => {
    const inReadme = table.flatMap(({ long, commands }) => commands.map((command) => `${command} ${long}`));
    expect(inReadme.sort()).toEqual(options.map(({ command, long }) => `${command} ${long}`).sort());
  });
});

describe('an option', () => {
  it.each(options)('$command $long has the name of its API option', ({ command, option, long }) => {
    const row = rowOf(command, long);
    expect(allowedNames(row?.api ?? '', option)).toContain(long);
  });

  it.each(options)('$command $long sets the API option that the README names', async ({ command, long }) => {
    const [given, expected] = samples[`${command} ${long}`] ?? samples[long] ?? [[], `a sample for ${long}`];
    const server = ['restore', 'verify', 'heal', 'watch', 'diagnose'].includes(command)
      ? ['--to', 'http://127.0.0.1:8086']
      : [];
    const own =
      {
        compile: ['--out', 'out'],
        seed: ['--source', 'tcp://127.0.0.1:8088', '--json'],
        drill: ['--json'],
        watch: ['--state-file', 'a'],
        report: ['--out', join(folder, 'report.html')],
      }[command] ?? [];
    await ceres([command, `file://${folder}`, '--instance', 'influxdb-1', ...server, ...own, long, ...given]);
    const calls = [
      backupStatus,
      planRestore,
      previewRestore,
      restore,
      previewCompile,
      compile,
      verify,
      heal,
      diagnose,
      watch,
      seed,
      drill,
      createReport,
      createMetrics,
    ].flatMap((call) => vi.mocked(call).mock.calls.flat());
    const received: Record<string, unknown> = Object.assign({}, ...calls);
    expect(received[rowOf(command, long)?.api ?? '']).toEqual(expected);
  });

  it('of a native restore goes with --native, and is refused without it', async () => {
    const command = ['restore', `file://${folder}`, '--instance', 'i', '--to', 'http://127.0.0.1:8086'];
    const url = 'tcp://10.0.0.1:8088';
    await ceres([...command, '--native', url, '--fill', '--allow-remote', '--threads', '2', '--memory', '64']);
    expect(vi.mocked(previewRestore).mock.calls[0]?.[1]).toMatchObject({
      native: { url, fill: true, allowRemote: true, threads: 2, memoryBytes: 64 * 1024 * 1024 },
    });
    for (const option of [['--fill'], ['--allow-remote'], ['--threads', '2'], ['--memory', '64']]) {
      const { exitCode, stderr } = await ceres([...command, ...option]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${option[0]} needs --native`)]);
    }
    expect(previewRestore).toHaveBeenCalledTimes(1);
  });
});
