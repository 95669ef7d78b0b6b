import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import { identityOf, livenessOf, thisProcess } from '../src/index';

const self = thisProcess();

it('a process that runs is alive, seen from itself', () => {
  expect(livenessOf(self)).toBe('alive');
});

it('a process that has ended is dead, even if its pid is in use again', () => {
  expect(livenessOf({ ...self, pid: 2 ** 22 + 1 }, self)).toBe('dead');
  expect(livenessOf({ ...self, startedTicks: '1' }, self)).toBe('dead');
});

it.skipIf(process.platform !== 'linux')(
  'a killed process is dead, even before its parent has asked for its exit code',
  async () => {
    const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = identityOf(Number(String(line)));
    expect(livenessOf(child, self)).toBe('alive');
    // Before its exec, the shell would still ask for the exit code.
    await vi.waitFor(async () => expect(await readFile(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'), 60_000);
    process.kill(child.pid, 'SIGKILL');
    await vi.waitFor(() => expect(livenessOf(child, self)).toBe('dead'), 60_000);
    expect(await readFile(`/proc/${child.pid}/stat`, 'utf8')).toContain(') Z ');
  },
);

/** A program that ends its first thread only: it is then a zombie whose other thread still runs. */
const zombieLeader = `
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(60)).start()
print('ready', flush=True)
ctypes.CDLL(None).syscall(60, 0)
`;

it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  'a zombie with a live thread is alive, since the thread may still write to the disk',
  async () => {
    const program = spawn('python3', ['-c', zombieLeader], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void program.kill('SIGKILL'));
    await once(program.stdout, 'data');
    const pid = program.pid as number;
    await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '), 60_000);
    expect(livenessOf(identityOf(pid), self)).toBe('alive');
  },
);

it('pid 1 in one container is not pid 1 in another', () => {
  expect(livenessOf({ ...self, pid: 1, pidNamespace: 'pid:[1]' }, { ...self, pid: 1 })).toBe('unknown');
});

it('a process from before a reboot of this host is unknown, and one on another host is elsewhere', () => {
  expect(livenessOf({ ...self, bootId: 'before' }, self)).toBe('unknown');
  expect(livenessOf({ ...self, bootId: 'before', host: 'ingest-7' }, self)).toBe('elsewhere');
});

it('without /proc, a pid that is in use here is unknown, and a free one is dead', () => {
  const bare = { host: self.host, pid: process.ppid };
  expect(livenessOf(bare, { host: self.host, pid: process.pid })).toBe('unknown');
  expect(livenessOf({ ...bare, pid: 2 ** 22 + 1 }, { host: self.host, pid: process.pid })).toBe('dead');
  expect(livenessOf({ ...bare, host: 'ingest-7' }, { host: self.host, pid: process.pid })).toBe('elsewhere');
});

/** Starts a thread, and returns its identity as it would write it into a lock. */
async function startThread() {
  const code = `
    const { readFileSync, readlinkSync } = require('node:fs');
    const stat = readFileSync('/proc/thread-self/stat', 'utf8');
    const id = Number(readlinkSync('/proc/thread-self').split('/').pop());
    const startedTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    require('node:worker_threads').parentPort.on('message', () => {}).postMessage({ id, startedTicks });
  `;
  const worker = new Worker(code, { eval: true });
  onTestFinished(() => void worker.terminate());
  const [thread] = await once(worker, 'message');
  return { worker, thread };
}

it.skipIf(process.platform !== 'linux')(
  'a thread of this process is alive until it is terminated, and dead from then on',
  async () => {
    const { worker, thread } = await startThread();
    expect(thread.id).not.toBe(self.pid);
    expect(livenessOf({ ...self, thread }, self)).toBe('alive');
    expect(livenessOf({ ...self, thread: { ...thread, startedTicks: '1' } }, self)).toBe('dead');
    await worker.terminate();
    await vi.waitFor(() => expect(livenessOf({ ...self, thread }, self)).toBe('dead'), 60_000);
  },
);

it.skipIf(process.platform !== 'linux')(
  'a thread that is gone from another process that runs is unknown, since that process may be dying',
  () => {
    const parent = identityOf(process.ppid);
    const thread = { id: 2 ** 22 + 1, startedTicks: '1' };
    expect(livenessOf({ ...parent, thread }, self)).toBe('unknown');
    expect(livenessOf({ ...parent, thread: { id: parent.pid, startedTicks: '1' } }, self)).toBe('alive');
  },
);

it('without /proc, what this process holds is unknown, since its thread may have ended', () => {
  const bare = { host: self.host, pid: process.pid };
  expect(livenessOf(bare, bare)).toBe('unknown');
});
