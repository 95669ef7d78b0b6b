import { mkdtemp, readdir } from 'node:fs/promises';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { influxdAvailable } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../support/compiled';
import { type Ground, makeGround } from './ground';
import { stallingServer } from './stalling-server';

/** Returns the priorities of all threads of a process. Those of V8 and of libuv's pool are older than the command. */
async function prioritiesOf(pid: number | undefined): Promise<ReadonlySet<number>> {
  const threads = await readdir(`/proc/${pid}/task`);
  expect(threads.length).toBeGreaterThan(4);
  return new Set(threads.map((thread) => getPriority(Number(thread))));
}

describe.skipIf(!(await influxdAvailable()))('the processors', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await makeGround();
  });
  afterAll(() => ground?.stop());

  it('go to the live database first while it is watched', async () => {
    const cwd = await mkdtemp(join(ground.folder, 'watch-'));
    const server = await stallingServer(ground.server.url, /SHOW/);
    const argv = [
      'watch',
      ground.backup,
      '--instance',
      'influxdb-0',
      '--to',
      server.url,
      '--state-file',
      join(cwd, 'state.json'),
    ];
    const { child, outcome } = start(ground.program, argv, { cwd });
    await server.stalled;
    expect(await prioritiesOf(child.pid)).toEqual(new Set([constants.priority.PRIORITY_LOW]));
    child.kill();
    await outcome;
    await server.close();
  });

  it('go to the live database first while a seed copies it', async () => {
    const cwd = await mkdtemp(join(ground.folder, 'run-'));
    const server = await stallingServer(ground.server.url, /SHOW/);
    const argv = ['seed', join(cwd, 'backup'), '--instance', 'influxdb-0', '--source', server.url];
    const { child, outcome } = start(ground.program, argv, { cwd });
    await server.stalled;
    expect(await prioritiesOf(child.pid)).toEqual(new Set([constants.priority.PRIORITY_LOW]));
    child.kill();
    await outcome;
    await server.close();
  });
});
