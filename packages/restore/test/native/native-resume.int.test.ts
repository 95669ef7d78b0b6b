import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Influxd, influxdAvailable, query } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import type { RestoreOptions } from '../../src/options/restore';
import type { BackupFile } from '../support/backup';
import { startMs, startS } from '../support/ground';
import { NativeGround } from '../support/native';
import { contentOf } from '../support/native-content';

const WEEK_S = 604_800;
/** Three shards, with a conflict and an overwritten value in each. */
const files: readonly BackupFile[] = [0, 1].map((n) => ({
  database: 'db',
  openedMs: startMs + n,
  lines: [0, 1, 2]
    .flatMap((week) => {
      const time = startS + week * WEEK_S;
      return [`m,t=a v=${n} ${time}\n`, `m,t=b v=${week},w=${n}i ${time + n}\n`, `m,t=c v="x" ${time}\n`];
    })
    .join(''),
}));

/** Stops a restore as soon as its journal says that a shard is loaded. */
async function interrupted(ground: NativeGround, server: Influxd, folder: string): Promise<void> {
  const controller = new AbortController();
  const journal = join(folder, 'journal');
  const clock: RestoreOptions['clock'] = {
    now: () => Date.now(),
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
  };
  const watch = setInterval(async () => {
    if (/"loaded"/.test(await readFile(journal, 'utf8').catch(() => ''))) controller.abort(new Error('stopped'));
  }, 1);
  try {
    await ground.restore(server, files, { signal: controller.signal, clock }, folder);
  } catch (error) {
    expect((error as Error).message).toMatch('stopped');
  } finally {
    clearInterval(watch);
  }
}

describe.skipIf(!(await influxdAvailable()))('a native restore that was stopped', async () => {
  const ground = new NativeGround();
  const whole = await ground.start();

  it('goes on behind the shards that are loaded, and ends with the same content and report', async () => {
    const expected = await ground.restore(whole, files);
    const server = await ground.start();
    const folder = await ground.folder();
    await interrupted(ground, server, folder);
    const { report, rejected } = await ground.restore(server, files, {}, folder);
    expect({ ...report, elapsedMs: 0 }).toEqual({ ...expected.report, elapsedMs: 0 });
    expect(rejected).toEqual(expected.rejected);
    expect(await contentOf(server)).toEqual(await contentOf(whole));
    const lines = (await readFile(join(folder, 'journal'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter((line) => line.loaded)).toHaveLength(3);
    const names = lines.flatMap(({ upload }) => (upload ? [`${upload.start} ${upload.sequence}`] : []));
    expect(new Set(names).size).toBe(names.length);
    expect(lines.at(-1)).toEqual({ finished: true });
    expect(await ground.restore(server, files, {}, folder)).toMatchObject({ report: { alreadyFinished: true } });
  });

  it('begins from the start in a server that has lost what it loaded, with the journal that has finished', async () => {
    const server = await ground.start();
    const folder = await ground.folder();
    await ground.restore(server, files, {}, folder);
    const before = await contentOf(server);
    expect(before.size).toBeGreaterThan(5);
    await query(server.url, '', 'DROP DATABASE db');
    const { report } = await ground.restore(server, files, {}, folder);
    expect(report.alreadyFinished).toBeUndefined();
    expect(await contentOf(server)).toEqual(before);
  });

  it('beside live writes leaves a file that came later to the comparison at its end, which writes what it adds', async () => {
    const server = await ground.start();
    const folder = await ground.folder();
    await interrupted(ground, server, folder);
    if (/"finished"/.test(await readFile(join(folder, 'journal'), 'utf8'))) return; // It was faster than the signal.
    const late = {
      ...(files[0] as BackupFile),
      openedMs: startMs - 1,
      lines: `m,t=late v=1 ${startS}\nm,t=a v=9 ${startS}\n`,
    };
    const accept = ['no-ledger/src'];
    const { report } = await ground.restore(server, [late, ...files], { live: true, accept }, folder);
    // Of each of the three shards the server refuses a point, as without a late file.
    expect(report.live).toMatchObject({ values: 1, refused: 3, left: { missing: 3, different: 0 } });
    const [series] = await query(
      server.url,
      'db',
      `SELECT v FROM m WHERE time = ${startS}s AND (t = 'late' OR t = 'a') GROUP BY t`,
    );
    expect(series?.values[0]?.[1]).toBe(1);
  });

  it('can be finished by sending lines', async () => {
    const server = await ground.start();
    const folder = await ground.folder();
    await interrupted(ground, server, folder);
    await ground.restore(server, files, { native: undefined, lanes: 1 } as object, folder);
    expect(await contentOf(server)).toEqual(await contentOf(whole));
  });

  it('refuses a file that came only after the first shard was loaded, and says how to go on', async () => {
    const server = await ground.start();
    const folder = await ground.folder();
    await interrupted(ground, server, folder);
    const journal = await readFile(join(folder, 'journal'), 'utf8');
    if (/"finished"/.test(journal)) return; // It was faster than the signal.
    const late = { ...(files[0] as BackupFile), openedMs: startMs - 1 };
    await expect(ground.restore(server, [late, ...files], {}, folder)).rejects.toThrow(
      /arrived, or could be read, only after shards of 'db' were loaded.*without native/s,
    );
  });
});
