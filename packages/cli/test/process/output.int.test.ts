import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { formatKey, formatPrefix, parseKey } from '@ceres/storage';
import { influxdAvailable, query } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../support/compiled';
import { ceres, type Surroundings } from '../support/in-process';
import { type Ground, makeGround, nowS } from './ground';

let ground: Ground;
const nowhere = 'http://127.0.0.1:9';
const at = (name: string) => join(ground.folder, name);
const server = () => ['--to', ground.server.url];
/** A restore never meets the journal of another. */
const restore = (backup: string, ...more: string[]) => {
  const journal = ['--journal-file', at(`journal-${randomUUID()}`), '--rejects-dir', at('rejects')];
  return ['restore', backup, ...server(), ...journal, ...more];
};
const anHourAgo = () => new Date(Number(nowS) * 1000 - 3_600_000).toISOString();

/** Every command that prints something of a backup, in its success and its failure, with its exit code. */
const runs: readonly (readonly [string, () => readonly string[], number])[] = [
  ['ls', () => ['ls', ground.backup], 0],
  ['ls of an empty backup', () => ['ls', at('empty')], 4],
  ['ls of another instance', () => ['ls', ground.backup, '--instance', 'x'], 1],
  ['status', () => ['status', ground.backup], 0],
  ['status of a folder that is not there', () => ['status', at('nowhere')], 1],
  ['check', () => ['check', ground.backup], 0],
  ['check of a damaged backup', () => ['check', at('damaged')], 4],
  ['restore --dry-run', () => restore(ground.backup, '--dry-run', '--into-existing'), 0],
  ['restore', () => restore(ground.backup, '--into-existing', '--from', anHourAgo()), 0],
  ['restore into a server with points', () => restore(ground.backup), 1],
  [
    'restore of a damaged backup',
    () => restore(at('damaged'), '--into-existing', '--salvage-damaged', at('salvage')),
    3,
  ],
  ['restore --wipe without a terminal to ask on', () => restore(ground.backup, '--wipe'), 1],
  ['verify', () => ['verify', ground.backup, ...server(), '--until', '2199-01-01'], 0],
  [
    'verify of damage',
    () => ['verify', at('damaged'), ...server(), '--level', 'content', '--points', '5', '--from', anHourAgo()],
    4,
  ],
  ['verify with a server that is not there', () => ['verify', ground.backup, '--to', nowhere], 1],
  ['unlock', () => ['unlock', at('spool')], 0],
  ['unlock of no spool', () => ['unlock', at('empty')], 2],
];

describe.skipIf(!(await influxdAvailable()))('what the commands print', () => {
  beforeAll(async () => {
    ground = await makeGround();
    await Promise.all([
      mkdir(at('empty')),
      mkdir(at('spool/~spool'), { recursive: true }),
      cp(ground.backup, at('damaged'), { recursive: true }),
    ]);
    const names = await readdir(at('damaged/influxdb-0'), { recursive: true });
    const [cut = '', headless = ''] = names.filter((name) => name.endsWith('.gz')).sort();
    await writeFile(at(`damaged/influxdb-0/${cut}`), 'no gzip');
    await writeFile(at(`damaged/influxdb-0/${headless}`), gzipSync(Buffer.alloc(1_000_000, 'm v=1\n')));
    expect(await ceres(restore(ground.backup))).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => ground?.stop());

  it.each(runs)('%s --json is one JSON object a line on stdout, and nothing else', async (_name, argv, exitCode) => {
    const outcome = await ceres([...argv(), '--json']);
    const lines = outcome.stdout.split('\n').slice(0, -1);
    for (const line of lines) expect(JSON.parse(line)).toEqual(expect.any(Object));
    expect(outcome.stdout === '' || outcome.stdout.endsWith('}\n')).toBe(true);
    expect(outcome.exitCode).toBe(exitCode);
    if ([0, 3].includes(exitCode)) expect(lines.length).toBeGreaterThan(0);
  });

  it.each(runs)('%s leaves no file open, and gives no warning of Node', async (_name, argv) => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => void warnings.push(String(warning));
    process.on('warning', onWarning);
    await ceres(argv()); // loads what it needs
    const before = openFiles();
    const { stderr } = await ceres(argv());
    await new Promise((resolve) => setTimeout(resolve, 20)); // a file that is left is closed in the background
    process.off('warning', onWarning);
    expect(openFiles().filter((file) => !before.includes(file))).toEqual([]);
    expect(warnings).toEqual([]);
    expect(stderr).not.toMatch(/Warning|^ +at /m);
  });

  const long: typeof runs = [
    ['--help', () => ['--help'], 0],
    ['restore --help', () => ['restore', '--help'], 0],
    ['man', () => ['man'], 0],
    ['completion', () => ['completion', 'bash'], 0],
    ['cat', () => ['cat', ground.backup], 0],
  ];
  it.concurrent.each([...runs, ...long])(
    '%s | head keeps its exit code, and shows no stack trace',
    async (_name, argv, exitCode) => {
      const { child, outcome } = start(ground.program, argv());
      child.stdout?.destroy();
      const ended = await outcome;
      expect(ended.stderr).not.toMatch(/EPIPE|^ +at |Warning/m);
      expect(ended.exitCode).toBe(exitCode);
    },
  );

  const plain: readonly (readonly [string, Surroundings])[] = [
    ['a pipe', {}],
    ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }],
    ['a terminal with NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }],
  ];
  it.each(plain)('into %s is plain text', async (_name, surroundings) => {
    for (const [name, argv] of runs) {
      const { stdout, stderr } = await ceres(argv(), undefined, surroundings);
      expect(stdout + stderr, name).not.toMatch(/[^\P{Cc}\n]/u);
    }
  });

  it('into a terminal is in color, and shows names of a bucket and a database without what they do to it', async () => {
    const storage = new LocalStorage(at('hostile'));
    const sink = await BackupSink.open({ storage, spoolDir: at('hostile-spool'), precision: 's' });
    const [instance, database] = ['i\u202e', 'd\u202e'];
    const measurement = 'm\u001b[2J\u001b[32mEQUAL\u001b[39m\r';
    const point = {
      measurement,
      tags: { 't\u001b[1m': '\u001b[A' },
      fields: { 'f\u001b[A': 's\n\u001b[2J' },
      timestamp: nowS,
    };
    for (const name of [database, 'site'])
      await sink.write({ instance, database: name, retentionPolicy: 'rp' }, [point]);
    await sink.close();
    await plantNames(at('hostile'), instance);
    const source = [at('hostile'), '--instance', instance];
    const more = ['--instance', instance, '--rp', 'rp=INF', '--into-existing'];
    const shown = [
      ['ls', at('hostile')],
      ['ls', at('hostile'), '--days'],
      ['status', at('hostile')],
      ['cat', ...source],
      ['check', ...source],
      ['check', at('hostile')],
      restore(at('hostile'), ...more, '--dry-run'),
      restore(at('hostile'), ...more),
      restore(at('hostile'), ...more, '--wipe'),
      ['verify', ...source, ...server()],
      ['verify', ...source, ...server(), '--level', 'content', '--points', '9', '--all'],
      ['verify', ...source, ...server(), '--db', 'd\u001b[2J'],
      restore(at('hostile'), ...more, '--measurement', 'x\u001b[2J'),
      ['\u001b[2J'],
    ];
    let colors = 0;
    for (const argv of shown) {
      if (argv.includes('--level')) {
        await query(ground.server.url, 'site', 'DROP SERIES FROM /.*/');
      }
      const { stdout, stderr } = await ceres(argv, undefined, { isTTY: true });
      colors += (stdout + stderr).match(own)?.length ?? 0;
      expect((stdout + stderr).replace(own, ''), argv.join(' ')).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
      expect(stdout + stderr).not.toContain('\u001b[32mEQUAL\u001b[39m\r');
      expect(stdout.split('\n').filter((line) => line.replace(own, '').startsWith('EQUAL')).length).toBeLessThan(2);
    }
    expect(colors).toBeGreaterThan(5);
  });
});

/** Gives a file of a backup names that no sink writes, but that a bucket can hold. */
async function plantNames(backup: string, instance: string): Promise<void> {
  const storage = new LocalStorage(backup);
  let key = '';
  for await (const info of storage.list(formatPrefix({ instance }))) key ||= info.key;
  const { day, id } = parseKey(key) ?? { day: '', id: '' };
  const bytes = await readFile(join(backup, key));
  const body = {
    sizeBytes: bytes.length,
    async *open() {
      yield bytes;
    },
  };
  const names = { database: 'd\u001b]0;x\u0007\r\n\u009b1m', retentionPolicy: 'rp\u001b[A' };
  for (const one of [instance, 'j\n\u001b[2J'])
    await storage.put(formatKey({ instance: one, ...names, day, id }), body);
}

/** What the command line itself sends to a terminal: colors, and the beginning of its own line. */
const own = new RegExp(`${String.fromCharCode(27)}\\[(?:\\d+m|K)|\\r(?=${String.fromCharCode(27)})`, 'g');

/** Returns the files that this process has open, apart from pipes and sockets of other work. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd');
}
