import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { BackupSink } from '@ceres/backup-sink';
import { thisProcess } from '@ceres/internal';
import { decodeFile } from '@ceres/lineproto';
import { MemoryStorage } from '@ceres/storage';
import { startProgram } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../../src/index';
import { ceres } from '../support/in-process';

/** The times of a lock that a test does not wait for: the real ones are 1,000, 2,500 and 8,000 ms. */
const times = { renewalMs: 20, leaseMs: 50, staleMs: 160 };
const isFast = vi.hoisted(() => ({ value: false }));
vi.mock('@ceres/backup-sink/internal', async (original) => {
  const actual = await original<typeof import('@ceres/backup-sink/internal')>();
  const own = () => (isFast.value ? { times } : {});
  const { inspectLock, unlockSpool } = actual;
  return {
    ...actual,
    inspectLock: (dir: string, options: object) => inspectLock(dir, { ...options, ...own() }),
    unlockSpool: (dir: string, token: string) => unlockSpool(dir, token, own()),
  };
});

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ceres-unlock-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** Starts a sink in another process, and waits until it has acked some lines. */
async function startSink() {
  const program = await startProgram(new URL('writing-sink.ts', import.meta.url));
  onTestFinished(() => program.remove());
  await program.printed(/acked 20;/);
  return { program, spoolDir: join(program.directory, 'spool') };
}

/** Makes a spool that a process on another host owned, and lets the lock's times pass quickly. */
async function spoolOfAnotherHost(): Promise<string> {
  isFast.value = true;
  onTestFinished(() => {
    isFast.value = false;
  });
  const spoolDir = await temporaryDirectory();
  await mkdir(join(spoolDir, '~spool'));
  const owner = { ...thisProcess(), token: 'old', sinceMs: 0, pid: 17, host: 'ingest-7', bootId: 'another' };
  await writeFile(join(spoolDir, '~spool', 'lock-000000007'), JSON.stringify(owner));
  return spoolDir;
}

/** Opens a sink on the spool at once, and returns the numbers of all lines that it stores. */
async function storedBy(spoolDir: string): Promise<Set<number>> {
  const storage = new MemoryStorage();
  const sink = await BackupSink.open({ storage, spoolDir, precision: 's', heartbeatMs: Infinity });
  await sink.close();
  const numbers = new Set<number>();
  for await (const { key } of storage.list('')) {
    for await (const { bytes } of decodeFile(storage.get(key), { batchBytesMax: 1e6, batchLinesMax: 1e6 })) {
      for (const [, n] of Buffer.from(bytes)
        .toString()
        .matchAll(/^m,n=(\d+) /gm))
        numbers.add(Number(n));
    }
  }
  return numbers;
}

const ackedIn = (output: string) => [...output.matchAll(/acked (\d+);/g)].map(([, n]) => Number(n));

describe('the spool of a sink that runs', () => {
  it('is left alone without a yes, and taken with one: the sink stops before its next ack, and nothing acked is lost', async () => {
    const { program, spoolDir } = await startSink();
    const asked = await ceres(['unlock', spoolDir]);
    expect(asked).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('it runs on this host') });
    expect(asked.stderr).toContain('add --yes');
    expect(asked.stderr).toContain('Nothing was touched.');
    await program.printed(/acked 100;/);

    const { exitCode, stdout } = await ceres(['unlock', spoolDir, '--yes', '--json']);
    expect(exitCode).toBe(0);
    const { host, pid } = thisProcess();
    expect(JSON.parse(stdout)).toMatchObject({ spoolDir, owner: { host, state: 'running' }, unlocked: true });
    expect(JSON.parse(stdout).owner.pid).not.toBe(pid);
    const stored = await storedBy(spoolDir);
    const output = await program.exited;
    expect(output).toContain('stopped by SPOOL_LOCKED;');
    expect(ackedIn(output).filter((n) => !stored.has(n))).toEqual([]);
  });
});

it('the spool of a killed sink is unlocked without a question, and nothing acked is lost', async () => {
  const { program, spoolDir } = await startSink();
  program.signal('SIGKILL');
  const output = await program.exited;
  const { exitCode, stdout } = await ceres(['unlock', spoolDir]);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/it has ended[\s\S]*Unlocked/)]);
  const stored = await storedBy(spoolDir);
  expect(ackedIn(output).filter((n) => !stored.has(n))).toEqual([]);
  expect((await ceres(['unlock', spoolDir])).stdout).toContain('has no owner');
});

describe('the spool of an owner on another host', () => {
  it('is taken once its host name is typed', async () => {
    const spoolDir = await spoolOfAnotherHost();
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    let output = '';
    const terminal = new Writable({
      write(chunk, _encoding, written) {
        output += chunk;
        if (String(chunk).includes('Type ingest-7 to continue')) stdin.write('ingest-7\n');
        written();
      },
    });
    const { signal } = new AbortController();
    const argv = ['unlock', spoolDir];
    expect(await run({ argv, stdin, stdout: terminal, stderr: terminal, env: {}, signal })).toBe(0);
    expect(output).toContain('pid 17 on host ingest-7');
    expect(output).toContain('1970-01-01T00:00:00.000Z');
    expect(output).toContain('did not renew its lease');
    expect((await ceres(['unlock', spoolDir, '--json'])).stdout).toContain('"owner":null');
  });

  it('is known to be in use while the owner renews its lease', async () => {
    const spoolDir = await spoolOfAnotherHost();
    let count = 0;
    const renew = () => writeFile(join(spoolDir, '~spool', 'beat-old'), String(++count));
    const renewing = setInterval(() => void renew(), 10);
    onTestFinished(() => clearInterval(renewing));
    const { exitCode, stdout } = await ceres(['unlock', spoolDir, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ owner: { state: 'renewing', pid: 17 }, unlocked: false });
    expect(exitCode).toBe(1);
    expect(await readdir(join(spoolDir, '~spool'))).toContain('lock-000000007');
  });

  it('is left alone if the command is interrupted while it watches', async () => {
    const spoolDir = await spoolOfAnotherHost();
    isFast.value = false;
    expect((await ceres(['unlock', spoolDir, '--yes'], AbortSignal.timeout(200))).exitCode).toBe(130);
    expect(await readdir(join(spoolDir, '~spool'))).toEqual(['lock-000000007']);
  });
});

it('a folder that is not a spool is refused, and nothing is made in it', async () => {
  const folder = await temporaryDirectory();
  const { exitCode, stderr } = await ceres(['unlock', folder, '--yes']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${folder} has no folder ~spool`)]);
  expect(await readdir(folder)).toEqual([]);
});
