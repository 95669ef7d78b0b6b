import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../servers/ports';
import { supervise } from '../servers/supervisor';
import { findRedisBinary } from './binary';

/** A real Redis that we started: on a free port of the loopback interface, keeping nothing on the disk. */
export interface Redis {
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

const readyMsMax = 30_000;
const startAttemptsMax = 5;

/**
 * Starts `redis-server` and resolves when it answers. `stop` ends it; so does the end of this process, even by SIGKILL.
 *
 * @throws Error that says how to get Redis if this machine has none
 */
export async function startRedis(): Promise<Redis> {
  const { path, env } = await findRedisBinary();
  for (let attempt = 1; ; attempt += 1) {
    const directory = await mkdtemp(join(tmpdir(), 'ceres-redis-'));
    const [port = 0] = await freePorts(1);
    const settings = { bind: '127.0.0.1', port: String(port), dir: directory, save: '', loglevel: 'warning' };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const server = await supervise([path, ...args], directory, env);
    const failure = await Promise.race([server.exited, ready(port, server.pid)]);
    if (failure === undefined) {
      return { url: `redis://127.0.0.1:${port}`, stop: () => server.release('remove') };
    }
    await server.release('remove');
    if (attempt === startAttemptsMax || !/address already in use/i.test(failure)) {
      throw new Error(`redis-server did not start: ${failure.trim()}`);
    }
  }
}

async function ready(port: number, pid: number): Promise<string | undefined> {
  const deadlineMs = Date.now() + readyMsMax;
  while (Date.now() < deadlineMs) {
    const info = await askInfo(port).catch(() => ''); // It does not listen yet.
    // Another server may have taken the port, and its answer says nothing about ours.
    if (info.includes(`process_id:${pid}\r\n`)) return undefined;
    await delay(10);
  }
  return `no answer on port ${port} within ${readyMsMax} ms`;
}

/** Asks for the server's description. Redis closes the connection after `QUIT`, so the answer has an end. */
function askInfo(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write('INFO server\r\nQUIT\r\n');
  return text(socket);
}
