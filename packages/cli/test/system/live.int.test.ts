import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planRestore, restore, type StepProgress } from '@ceres/restore';
import { influxdAvailable } from '@ceres/testkit';
import { describe, expect, it, vi } from 'vitest';
import { ceres } from '../support/in-process';
import { liveGround as ground, instance } from '../support/live-ground';
import { knownSinks } from '../support/teed-server';

describe.skipIf(!(await influxdAvailable()))('restore --live', () => {
  it('writes a newer value back that it replaced, once its sink has stored it', async () => {
    const { lose, write, sink, run, valueAt, isEqual } = await ground();
    await lose('db');
    let isFlushed = false;
    // It waits for its sink once it has written all, and so only then is the newer value stored.
    const onCheck = ({ step, done }: StepProgress) => {
      if (isFlushed || step !== 'sinks' || done < 1_500) return;
      isFlushed = true;
      void sink.flush();
    };
    // In the spool, and in the new database.
    const restoring = run({ onCheck }, () => write(7, 1_007));
    const report = await restoring;
    expect(report).toMatchObject({ lines: 100, live: { outcome: 'EQUAL', values: 1, points: 1, skipped: 0 } });
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, 8]);
    expect(await isEqual()).toBe(true);
  });

  it('natively replaces no value, and fills without being asked to', async () => {
    const { lose, write, sink, run, native, valueAt, isEqual } = await ground();
    await lose('db');
    await write(7, 1_007);
    const restoring = run({ native });
    await vi.waitFor(async () => expect(await valueAt(8)).toBe(8), 60_000);
    expect(await valueAt(7)).toBe(1_007);
    await sink.flush();
    expect(await restoring).toMatchObject({ lines: 100, live: { outcome: 'EQUAL', values: 0 } });
    expect(await valueAt(7)).toBe(1_007);
    expect(await isEqual()).toBe(true);
  });

  it.each(['lines', 'shards'])(
    'restores a file that arrives late, and all that is newer than it, by %s',
    async (route) => {
      const { lose, sink, storage, another, write, run, native, valueAt, isEqual, journal } = await ground({
        databases: ['a', 'b'],
      });
      const late = await another();
      await late.write(
        'a',
        Array.from({ length: 30 }, (_, i) => 90 + i),
      );
      await write(95, 1_095, 'a'); // newer than what is late
      await sink.flush();
      await knownSinks(storage, 2);
      for (const database of ['a', 'b']) await lose(database);
      const restoring = run(route === 'shards' ? { native } : {});
      await vi.waitFor(async () => expect(await valueAt(95, 'a')).toBe(1_095), 60_000);
      await late.sink.flush();
      const report = await restoring;
      expect(report.live).toMatchObject({ outcome: 'EQUAL', left: { missing: 0, different: 0 } });
      expect([await valueAt(95, 'a'), await valueAt(96, 'a'), await valueAt(110, 'a')]).toEqual([1_095, -96, -110]);
      expect(await isEqual()).toBe(true);
      const keys = (await journal()).flatMap(({ done }) => (typeof done === 'string' ? [done.split('/')[1]] : []));
      // By lines, what is newer is sent again, and nothing of another database. Natively, the late file goes in point by point.
      expect(keys.filter((name) => name === 'b')).toHaveLength(1);
      expect(keys.filter((name) => name === 'a')).toHaveLength(route === 'lines' ? 4 : 2);
      expect(report.live?.values).toBe(route === 'lines' ? 0 : 29);
    },
  );

  it('refuses before the first write what it could not judge at the end', async () => {
    const { lose, sink, bucket, storage, run, valueAt, server, folder } = await ground();
    await sink.close();
    await lose('db');
    const to = { url: server.url };
    const [journalFile, rejectsDir] = [join(folder, 'journal'), join(folder, 'rejects')];
    for await (const { key } of storage.list('~heartbeat/')) await writeFile(join(bucket, key), 'no heartbeat');
    await expect(run()).rejects.toMatchObject({
      code: 'HEAL_REFUSED',
      message: expect.stringMatching(/Nothing was written.*ledger.*--retired.*--accept/s),
    });
    const before = await planRestore({ storage, instance, openedBefore: Date.now() });
    await expect(restore(before, { to, journalFile, rejectsDir, live: true })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/`openedBefore`/),
    });
    await expect(run({ live: false, waitMs: 1 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(await valueAt(7)).toBeUndefined();
    const accept: string[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const refused: unknown = await run({ accept }).catch((error: Error) => error);
      if (!(refused instanceof Error)) break;
      accept.push(...[...refused.message.matchAll(/(?:no-ledger|untrusted|unvouched)\/\S+/g)].map(([name]) => name));
    }
    expect(await valueAt(7)).toBe(7);
  });

  it('says that the files are restored if a sink falls silent, and goes on with the comparison once it is known to be gone', async () => {
    const { lose, write, sink, run, valueAt, journal } = await ground();
    await lose('db');
    await expect(run({ waitMs: 500 }, () => write(7, 1_007))).rejects.toMatchObject({
      code: 'HEAL_REFUSED',
      message: expect.stringMatching(/^The files are restored.*late or silent.*run the same command again/s),
    });
    const done = (await journal()).length;
    await sink.flush();
    expect(await run()).toMatchObject({ lines: 100, live: { outcome: 'EQUAL', values: 1 } });
    expect((await journal()).slice(done)).toEqual([{ finished: true }]);
    expect(await valueAt(7)).toBe(1_007);
  });

  it('writes nothing back from a backup with a damaged file, which may hold newer values, and says what differs', async () => {
    const { lose, write, sink, run, valueAt, storage, bucket } = await ground();
    await write(8, 1_008);
    await sink.flush();
    const keys: string[] = [];
    for await (const { key } of storage.list(`${instance}/`)) keys.push(key);
    await writeFile(join(bucket, keys.sort().at(-1) ?? ''), 'damaged');
    await sink.close();
    await lose('db');
    const accept: string[] = [];
    const refused = await run().catch((error: Error) => error);
    accept.push(...[...String(refused).matchAll(/resized\/\S+/g)].map(([name]) => name));
    const report = await run({ accept });
    expect(report).toMatchObject({ damagedFiles: [{ key: keys.at(-1) }], live: { isConfirmed: false, values: 0 } });
    expect(report.live?.outcome).not.toBe('EQUAL');
    expect(await valueAt(7)).toBe(7);
  });

  it('on the command line says what it wrote back, and refuses --wait without it', async () => {
    const { lose, write, sink, bucket, server, folder, valueAt } = await ground();
    await lose('db');
    await write(7, 1_007); // its file is opened before the restore begins, and stored later
    const where = [
      '--to',
      server.url,
      '--journal-file',
      join(folder, 'cli.journal'),
      '--rejects-dir',
      join(folder, 'r'),
    ];
    const command = ['restore', bucket, '--instance', instance, ...where];
    expect(await ceres([...command, '--wait', '1s'])).toMatchObject({ exitCode: 2 });
    const restoring = ceres([...command, '--live', '--wait', '30s']);
    await vi.waitFor(async () => expect(await valueAt(7)).toBe(7), 60_000);
    await sink.flush();
    const { exitCode, stdout } = await restoring;
    expect(stdout).toMatch(/^Restored 101 lines of 2 files/m);
    expect(stdout).toMatch(/^Compared with what came while it ran: nothing had to be written again\.$/m);
    expect(stdout).toMatch(/^EQUAL {2}\(content\)$/m);
    expect(exitCode).toBe(0);
  });
});
