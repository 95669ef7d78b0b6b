import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { thisProcess } from '@ceres/internal';
import { influxdAvailable, query } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../support/compiled';
import { type Ground, makeGround } from './ground';
import { stallingServer } from './stalling-server';

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

/** Each command that may run long, and the call of the storage that is in its middle. */
const reading: readonly (readonly [string, readonly string[], string])[] = [
  ['ls', [], 'list::1'],
  ['status', [], 'get:~heartbeat/:1'],
  ['cat', [], 'get:influxdb-0/:2'],
  ['check', [], 'get:influxdb-0/:3'],
  ['check', ['--json'], 'get:influxdb-0/:3'],
  ['verify', ['--to'], 'get:influxdb-0/:5'],
  ['restore', ['--dry-run', '--journal-file', 'journal', '--to'], 'get:~heartbeat/:2'],
];

/** The same, where the middle is a request to the server. */
const asking: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['verify', [], /SHOW SHARDS/],
  ['verify', ['--level', 'content', '--json'], /SHOW SHARDS/],
  ['restore', ['--dry-run'], /SHOW DATABASES/],
];

describe.skipIf(!(await influxdAvailable()))('a command that is ended in the middle', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await makeGround();
  });
  afterAll(() => ground?.stop());

  const newFolder = () => mkdtemp(join(ground.folder, 'run-'));

  async function appears(path: string): Promise<void> {
    while (
      await access(path).then(
        () => false,
        () => true,
      )
    )
      await pause(10);
  }

  function expectGoodEnd(
    outcome: { exitCode: unknown; stdout: string; stderr: string },
    exitCode: number,
    command: string,
  ): void {
    expect(outcome.stderr).not.toMatch(/^ +at |Warning|Error/m);
    expect(outcome.stderr).toContain(command);
    expect(outcome.exitCode).toBe(exitCode);
    for (const line of outcome.stdout.split('\n').filter((text) => text.startsWith('{'))) JSON.parse(line);
  }

  describe.each(signals)('by %s', (signal, exitCode) => {
    it.concurrent.each(reading)('says that %s %j changed nothing, and what to type', async (name, options, stall) => {
      const cwd = await newFolder();
      const stalled = join(cwd, 'stalled');
      const argv = [
        name,
        `stall://${ground.backup}`,
        ...options,
        ...(options.at(-1) === '--to' ? [ground.server.url] : []),
      ];
      const run = start(ground.program, argv, { cwd, env: { STALL: stall, STALLED: stalled } });
      await appears(stalled);
      run.child.kill(signal);
      const outcome = await run.outcome;
      expectGoodEnd(outcome, exitCode, `  ceres ${argv.join(' ')}\n`);
      expect(outcome.stderr).toMatch(/^Interrupted before it was done\. It changed nothing\. To run it again:$/m);
      expect(await readdir(cwd)).toEqual(['stalled']);
    });

    it.concurrent.each(asking)(
      'says that %s %j changed nothing while the server is silent',
      async (name, options, request) => {
        const cwd = await newFolder();
        const server = await stallingServer(ground.server.url, request);
        const argv = [name, ground.backup, '--to', server.url, ...options];
        const run = start(ground.program, argv, { cwd });
        await server.stalled;
        run.child.kill(signal);
        const outcome = await run.outcome;
        await server.close();
        expectGoodEnd(outcome, exitCode, `  ceres ${argv.join(' ')}\n`);
        expect(outcome.stderr).toMatch(/It changed nothing/);
        expect(await readdir(cwd)).toEqual([]);
      },
    );

    // A write that is never answered is given up after 10 seconds, which is seen once for each signal.
    it.each([
      [['--lanes', '1'], 'is never answered'],
      [['--json'], 'is answered'],
    ])(
      'leaves a restore %j unlocked, says what is done, and resumes it, if the write in flight %s',
      async (options, answer) => {
        for (const database of ['db_0', 'db_1']) await query(ground.server.url, '', `DROP DATABASE ${database}`);
        const cwd = await newFolder();
        const server = await stallingServer(ground.server.url, /^\/write\?.*db=db_1/);
        const argv = ['restore', ground.backup, '--to', server.url, ...options];
        const run = start(ground.program, argv, { cwd });
        await server.stalled;
        run.child.kill(signal);
        if (answer === 'is answered') server.goOn();
        const outcome = await run.outcome;
        expectGoodEnd(outcome, exitCode, `  ceres ${argv.join(' ')}\n`);
        expect(outcome.stderr).toMatch(/^Interrupted\. .*To resume, run:$/ms);
        expect((await readdir(cwd)).filter((entry) => entry.includes('lock'))).toEqual([]);
        const again = await start(ground.program, argv, { cwd }).outcome;
        await server.close();
        expect(again.stderr).not.toMatch(/^ +at |Warning|Error/m);
        expect(again.exitCode).toBe(0);
        expect(again.stdout).toMatch(/Restored 300 lines of 3 files|"lines":300/);
      },
    );

    it.concurrent('says that what compile wrote is removed, since it is not whole, and what to type', async () => {
      const cwd = await newFolder();
      const stalled = join(cwd, 'stalled');
      const argv = ['compile', `stall://${ground.backup}`, '--out', 'out'];
      const run = start(ground.program, argv, { cwd, env: { STALL: 'get:influxdb-0/:3', STALLED: stalled } });
      await appears(stalled);
      run.child.kill(signal);
      const outcome = await run.outcome;
      expectGoodEnd(outcome, exitCode, `  ceres ${argv.join(' ')}\n`);
      expect(outcome.stderr).toMatch(/^Interrupted\. What was written into out was not whole, and is removed\./m);
      expect(await readdir(join(cwd, 'out'))).toEqual([]);
      expect((await readdir(cwd)).sort()).toEqual(['out', 'rejects', 'stalled']);
    });

    it.concurrent('leaves a spool as it is, and says so', async () => {
      const spoolDir = join(await newFolder(), 'spool');
      await mkdir(join(spoolDir, '~spool'), { recursive: true });
      const owner = { ...thisProcess(), token: 'old', sinceMs: 0, pid: 17, host: 'ingest-7', bootId: 'another' };
      await writeFile(join(spoolDir, '~spool', 'lock-000000007'), JSON.stringify(owner));
      const run = start(ground.program, ['unlock', spoolDir, '--yes']);
      if (run.child.stderr) await once(run.child.stderr, 'data'); // it says that it watches the owner
      run.child.kill(signal);
      expectGoodEnd(await run.outcome, exitCode, `  ceres unlock ${spoolDir} --yes\n`);
      expect(await readdir(join(spoolDir, '~spool'))).toEqual(['lock-000000007']);
    });
  });
});
