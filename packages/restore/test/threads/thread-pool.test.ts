import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import type { ThreadPool } from '../../src/threads/thread-pool';
import { contentOfSums } from '../../src/verify/scan/backup-sums';
import { startSummingUp } from '../../src/verify/scan/threads/start';
import { compiled } from '../support/compile';
import { startMs, startS } from '../support/ground';
import { sourceThreads } from '../support/source-thread';

const records = Array.from({ length: 500 }, (_, i) => `m,t=${i % 7} v=${i} ${startS + i}\n`).join('');
const files = [{ database: 'db', openedMs: startMs, lines: records }];

/** Returns threads, and how many of them were started. */
function counted(): { readonly pool: ThreadPool; readonly started: () => number } {
  let started = 0;
  return { pool: sourceThreads(() => (started += 1)), started: () => started };
}

async function pointsIn(pool: ThreadPool | undefined): Promise<unknown> {
  const summing = startSummingUp({ threads: pool === undefined ? 1 : 2, scratchDir: tmpdir() }, pool);
  try {
    const policy = { database: 'db', name: 'rp', from: undefined, until: undefined, measurements: undefined };
    await summing.add(Buffer.from(records), policy, 's');
    return (await summing.finish()).map(contentOfSums);
  } finally {
    await summing.close();
  }
}

it('a thread that has compiled sums up, and compiles again', async () => {
  const { pool, started } = counted();
  const here = await compiled(files);
  for (let turn = 0; turn < 2; turn += 1) {
    expect((await compiled(files, { threads: 2, pool })).values).toEqual(here.values);
    expect(await pointsIn(pool)).toEqual(await pointsIn(undefined));
  }
  expect(started()).toBe(1);
});

it('a thread that was stopped in the middle does nothing else', async () => {
  const { pool, started } = counted();
  const controller = new AbortController();
  const onFile = async () => controller.abort(new Error('enough'));
  await expect(compiled(files, { threads: 2, pool, signal: controller.signal, onFile })).rejects.toThrow('enough');
  await pointsIn(pool);
  expect(started()).toBe(2);
});

it('two tasks at the same time have two threads', async () => {
  const { pool, started } = counted();
  await pointsIn(pool);
  await Promise.all([pointsIn(pool), pointsIn(pool)]);
  expect(started()).toBe(2);
});

it('threads that were started before take the tasks that come, and no more are started than are missing', async () => {
  const { pool, started } = counted();
  pool.prepare(2);
  pool.prepare(2);
  expect(started()).toBe(2);
  await Promise.all([pointsIn(pool), pointsIn(pool)]);
  expect(started()).toBe(2);
});

it('a thread that stays without a task ends', async () => {
  const { pool, started } = counted();
  const thread = pool.take('none');
  pool.giveBack(thread);
  await once(thread, 'exit');
  pool.giveBack(pool.take('none'));
  expect(started()).toBe(2);
});
