import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HealOptions, type HealPreview, heal, verify } from '@ceres/restore';
import { influxdAvailable, query, startWriteProxy } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { healGround as ground, instance } from '../support/heal-ground';
import { ceres } from '../support/in-process';

const fault = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

describe.skipIf(!(await influxdAvailable()))('heal', () => {
  it('writes one point for one altered value, and no other field of it', async () => {
    const { past, at, options, valueAt, snapshot } = await ground();
    await past(`m,t=a v=-1 ${at(7)}`);
    const previews: HealPreview[] = [];
    const report = await heal({ ...options, snapshot, confirm: (preview) => previews.push(preview) > 0 });
    expect(report).toMatchObject({ outcome: 'EQUAL', equal: true, points: 1, values: 1, skipped: 0, refused: 0 });
    expect(previews).toMatchObject([
      { missing: 0, different: 1, values: 1, compared: 100, examples: [{ field: 'v', inBackup: 7, inDatabase: -1 }] },
    ]);
    expect(await valueAt(7)).toBe(7);
    const { storage, to } = options;
    expect(await verify({ storage, instance, to, level: 'content' })).toMatchObject({ outcome: 'EQUAL' });
  });

  it('brings back missing points, and with only different leaves them alone and says so', async () => {
    const { past, remove, at, options, valueAt } = await ground();
    await past(`m,t=a v=-1 ${at(7)}`);
    await remove(8);
    const kept = await heal({ ...options, only: 'different' });
    expect(kept).toMatchObject({ outcome: 'NOT EQUAL', points: 1, values: 1, left: { missing: 2, different: 0 } });
    expect([await valueAt(7), await valueAt(8)]).toEqual([7, undefined]);
    expect(await heal(options)).toMatchObject({ outcome: 'EQUAL', points: 1, values: 2, preview: { missing: 1 } });
    expect([await valueAt(8), await valueAt(8, 'w')]).toEqual([8, 0]);
  });

  it('never writes over a newer value that is still in a spool: it refuses, names the sink, and goes on once that has stored it', async () => {
    const { sink, write, past, at, options, valueAt } = await ground({ goesOn: true });
    await write(7, 1_007);
    await past(`m,t=a v=-1 ${at(8)}`);
    const refused = heal(options);
    await expect(refused).rejects.toMatchObject(fault('HEAL_REFUSED', /late or silent.*--wait.*--retired/s));
    await expect(refused).rejects.toThrow('Nothing was written.');
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, -1]);
    const healing = heal({ ...options, waitMs: 30_000 });
    await sink.flush();
    expect(await healing).toMatchObject({ outcome: 'EQUAL', points: 1, values: 1 });
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, 8]);
  });

  it('skips a value that changed after it was compared', async () => {
    const { past, at, options, valueAt } = await ground();
    await past(`m,t=a v=-1 ${at(7)}\nm,t=a v=-1 ${at(8)}`);
    const report = await heal({
      ...options,
      confirm: async () => {
        await past(`m,t=a v=2000 ${at(7)}`);
        return true;
      },
    });
    expect(report).toMatchObject({ points: 1, values: 1, skipped: 1 });
    expect([await valueAt(7), await valueAt(8)]).toEqual([2_000, 8]);
  });

  it('writes a newer value back that came between its last look and its write', async () => {
    const { server, sink, write, past, at, options, valueAt } = await ground({ goesOn: true });
    await past(`m,t=a v=-1 ${at(7)}\nm,t=a v=-1 ${at(8)}`);
    const proxy = await startWriteProxy(server.url, async ({ number }) => {
      if (number === 1) await write(7, 1_007);
      return undefined;
    });
    onTestFinished(() => proxy.close());
    const flushing = setInterval(() => void sink.flush(), 100);
    onTestFinished(() => clearInterval(flushing));
    const report = await heal({ ...options, to: { url: proxy.url }, waitMs: 30_000 });
    expect(report).toMatchObject({ outcome: 'EQUAL', left: { different: 0 } });
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, 8]);
  });

  it('says what is not certain if a sink stops saying what it stored while it was healed', async () => {
    const { server, sink, write, past, at, options, valueAt } = await ground({ goesOn: true });
    await past(`m,t=a v=-1 ${at(8)}`);
    let flushed: Promise<unknown> = Promise.resolve();
    const flushing = setInterval(() => {
      flushed = flushed.then(() => sink.flush());
    }, 100);
    onTestFinished(() => clearInterval(flushing));
    const proxy = await startWriteProxy(server.url, async () => {
      clearInterval(flushing);
      await flushed;
      await write(7, 1_007); // and it stays in the spool
      return undefined;
    });
    onTestFinished(() => proxy.close());
    const report = await heal({ ...options, to: { url: proxy.url }, waitMs: 5_000 });
    expect(report).toMatchObject({
      outcome: 'INCOMPLETE',
      points: 1,
      notCompared: [{ database: 'db', side: 'backup' }],
    });
    expect(report.notCompared[0]?.reason).toMatch(/newer values may have come while it was healed.*late or silent/);
    expect(await valueAt(8)).toBe(8);
  });

  it('leaves extra points and changed types, names them, and says NOT EQUAL', async () => {
    const { server, past, remove, at, options, valueAt } = await ground();
    await past(`m,t=a v=-1 ${at(7)}\nm,t=stray x=1 ${at(9)}`);
    const [shard] = (await query(server.url, '', 'SHOW SHARDS')).flatMap(({ name, values }) =>
      name === 'db' ? values : [],
    );
    await query(server.url, '', `DROP SHARD ${shard?.[0]}`);
    for (let n = 0; n < 100; n += 1) if (n !== 8) await past(`m,t=a v=${n === 7 ? -1 : n},w=0i ${at(n)}`);
    await past(`m,t=stray x=1 ${at(9)}`);
    await remove(200);
    const report = await heal({ ...options, largeDamage: true });
    expect(report).toMatchObject({
      outcome: 'NOT EQUAL',
      equal: false,
      refused: 1,
      left: { missing: 1, different: 0, extra: 1, changedTypes: 99, changedFields: ['w'] },
    });
    expect(report.reasons[0]).toMatch(/type conflict/);
    expect([await valueAt(7), await valueAt(8), await valueAt(9)]).toEqual([7, 8, 9]);
  });

  it('refuses more damage than a tenth of the points, unless it is meant', async () => {
    const { past, at, options, valueAt } = await ground();
    for (let n = 0; n < 11; n += 1) await past(`m,t=a v=-1 ${at(n)}`);
    await expect(heal(options)).rejects.toMatchObject(fault('HEAL_REFUSED', /11 of 100 points.*--large-damage/s));
    expect(await valueAt(3)).toBe(-1);
    expect(await heal({ ...options, largeDamage: true })).toMatchObject({ outcome: 'EQUAL', points: 11 });
  });

  it('refuses files that no ledger vouches for, until they are accepted', async () => {
    const { past, at, options, valueAt } = await ground({ ledger: false });
    await past(`m,t=a v=-1 ${at(7)}`);
    await expect(heal(options)).rejects.toMatchObject(fault('HEAL_REFUSED', /no-ledger\/influxdb-0.*--accept/s));
    expect(await valueAt(7)).toBe(-1);
    expect(await heal({ ...options, accept: ['no-ledger/influxdb-0'] })).toMatchObject({ outcome: 'EQUAL', points: 1 });
  });

  it('refuses a file that is damaged: it may hold newer values', async () => {
    const { storage, bucket, past, at, options, valueAt } = await ground();
    for await (const { key } of storage.list(`${instance}/`)) await writeFile(join(bucket, key), 'damaged');
    await past(`m,t=a v=-1 ${at(7)}`);
    await expect(heal(options)).rejects.toMatchObject(fault('HEAL_REFUSED', /damaged or missing/));
    expect(await valueAt(7)).toBe(-1);
  });

  it('refuses a snapshot service that does not answer, or that is a folder, and writes nothing', async () => {
    const { past, at, options, valueAt } = await ground();
    await past(`m,t=a v=-1 ${at(7)}`);
    await expect(heal({ ...options, snapshot: 'tcp://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'SNAPSHOT_SERVICE',
    });
    await expect(heal({ ...options, snapshot: '/tmp' })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(heal({ ...options, openedBefore: 1 } as HealOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
    });
    expect(await valueAt(7)).toBe(-1);
  });

  it('on the command line shows what it would write, asks, writes, and exits with 4 for what it leaves', async () => {
    const { bucket, past, remove, at, valueAt, options } = await ground();
    const { url } = options.to as { readonly url: string };
    await past(`m,t=a v=-1 ${at(7)}`);
    await remove(8);
    const command = ['heal', bucket, '--instance', instance, '--to', url, '--wait', '0s'];
    const dry = await ceres([...command, '--dry-run']);
    expect(dry.stdout).toContain('To heal: 1 point with other values, and 1 missing, of 100 compared.');
    expect(dry.stdout).toContain('db.autogen m,t=a 2023-11-14T22:20:20Z v: -1 → 7');
    expect(dry.stdout).toContain('--only different');
    expect([dry.exitCode, await valueAt(7)]).toEqual([4, -1]);
    const unasked = await ceres(command);
    expect([unasked.exitCode, await valueAt(7)]).toEqual([1, -1]);
    expect(unasked.stderr).toContain('Nothing was written.');
    const healed = await ceres([...command, '--yes']);
    expect(healed.stdout).toContain('Wrote 3 values in 2 points.');
    expect([healed.exitCode, await valueAt(7), await valueAt(8)]).toEqual([0, 7, 8]);
    await past(`m,t=stray x=1 ${at(9)}`);
    const left = await ceres([...command, '--yes']);
    expect(left.stdout).toMatch(/Left: 1 value only in the database.*NOT EQUAL/s);
    expect(left.exitCode).toBe(4);
  });
});
