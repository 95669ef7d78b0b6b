import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnosis, diagnose } from '@ceres/restore';
import { influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { healGround as ground, instance } from '../support/heal-ground';
import { ceres } from '../support/in-process';

const kindsOf = ({ disasters }: Diagnosis) => disasters.map(({ kind }) => kind);

/** Diagnoses, and returns the command line that is to cure it, without `ceres`. */
async function cureFor(words: readonly string[]): Promise<string[]> {
  const { stdout } = await ceres(['diagnose', ...words]);
  const command = /^ {2}ceres (.*)$/m.exec(stdout)?.[1] ?? '';
  return command.split(' ');
}

describe.skipIf(!(await influxdAvailable()))('diagnose', () => {
  async function diagnosed(settings: Parameters<typeof ground>[0] = {}) {
    const all = await ground(settings);
    const { server, storage, bucket } = all;
    const words = [bucket, '--instance', instance, '--to', server.url];
    return { ...all, words, ask: async () => await diagnose({ storage, instance, to: { url: server.url } }) };
  }

  it('says that nothing is wrong, and compares every value before', async () => {
    const { ask, words } = await diagnosed();
    expect(await ask()).toEqual({ outcome: 'GOOD', instance, disasters: [], unjudged: [], points: 100 });
    const { exitCode, stdout } = await ceres(['diagnose', ...words]);
    expect([exitCode, stdout]).toEqual([0, 'influxdb-0: good, 100 points compared, and the backup is whole.\n']);
  });

  it('calls a few damaged points partial damage, and its command heals them', async () => {
    const { ask, past, remove, at, words } = await diagnosed();
    await past(`m,t=a v=-1 ${at(7)}`);
    await remove(8);
    const found = await ask();
    expect(kindsOf(found)).toEqual(['partial-damage']);
    expect(found.disasters[0]?.reason).toBe('db: 1 point is missing and 1 has other values, of 100');
    const cure = await cureFor(words);
    expect(cure[0]).toBe('heal');
    expect((await ceres([...cure, '--yes', '--wait', '0s'])).exitCode).toBe(0);
    expect(kindsOf(await ask())).toEqual([]);
  });

  it('calls a dropped database, a dropped measurement and a half of the points what they are, and its commands bring them back', async () => {
    const { ask, server, words, at } = await diagnosed();
    const drops = [
      ['DROP DATABASE db', 'lost-volume'],
      ['DROP MEASUREMENT m', 'lost-points'],
      [`DELETE FROM m WHERE time < ${at(50)}s`, 'lost-points'],
    ] as const;
    for (const [statement, kind] of drops) {
      await query(server.url, 'db', statement);
      expect(kindsOf(await ask())).toEqual([kind]);
      const cure = await cureFor(words);
      expect(cure[0]).toBe('restore');
      const { exitCode, stderr } = await ceres([...cure, '--journal-file', `${words[0]}.${kind}${at(0)}`]);
      expect([exitCode, stderr]).toEqual([0, expect.anything()]);
      await rm(`${words[0]}.${kind}${at(0)}`, { force: true });
      expect(kindsOf(await ask())).toEqual([]);
    }
  });

  it('tells another server from one that lost its volume', async () => {
    const { storage, words } = await diagnosed();
    const other = await startInfluxd();
    onTestFinished(() => other.stop());
    const to = { url: other.url };
    expect(kindsOf(await diagnose({ storage, instance, to }))).toEqual(['lost-volume']);
    await query(other.url, '', 'CREATE DATABASE somebody');
    expect(kindsOf(await diagnose({ storage, instance, to }))).toEqual(['other-server']);
    const { stdout } = await ceres(['diagnose', ...words.slice(0, -1), other.url]);
    expect(stdout).toMatch(/^other server: .*somebody/);
    expect(stdout).not.toContain('--wipe');
  });

  it('says that a server is away, and still what the backup lacks', async () => {
    const { server, ask, bucket, storage } = await diagnosed();
    await server.stop();
    for await (const { key } of storage.list(`${instance}/`)) await rm(join(bucket, key));
    const { outcome, disasters } = await ask();
    expect(outcome).toBe('FOUND');
    expect(disasters.map(({ kind }) => kind)).toEqual(['server-away', 'damaged-backup']);
    // Nothing here has a journal.
    expect(disasters[0]?.reason).toMatch(/reached from here, then run the same command again\.$/);
    expect(disasters[1]?.cure).toEqual({ action: 'restore', intoExisting: true, salvage: true });
  });

  it('has a whole database copied again for a damaged file of the backup', async () => {
    const { ask, bucket, storage, snapshot, words } = await diagnosed();
    for await (const { key } of storage.list(`${instance}/`)) await truncate(join(bucket, key), 700);
    const found = await ask();
    expect(kindsOf(found)).toEqual(['damaged-backup']);
    const cure = await cureFor([...words, '--snapshot', snapshot]);
    expect(cure[0]).toBe('seed');
    const seeded = await ceres([...cure, '--work-dir', join(bucket, '..', 'seed')]);
    expect([seeded.exitCode, seeded.stderr]).toEqual([0, expect.anything()]);
    expect(kindsOf(await ask())).toEqual([]);
  });

  it('recognizes points at other times, and names the wipe that cures them', async () => {
    const { ask, past, remove, at, words } = await diagnosed();
    for (let n = 10; n < 16; n += 1) {
      await remove(n);
      await past(`m,t=a v=${n},w=0 ${at(n) + 5}`);
    }
    const found = await ask();
    expect(kindsOf(found)).toEqual(['shifted-time']);
    expect(found.disasters[0]?.reason).toBe('db: 12 values have other times than in the backup, by 5 s');
    const cure = await cureFor(words);
    expect(cure).toContain('--wipe');
    await ceres([...cure, '--yes', '--journal-file', `${words[0]}.journal`]);
    expect(kindsOf(await ask())).toEqual([]);
  });

  it('says that a sink is silent or late, and does not take what is on its way for damage', async () => {
    const { storage, write, server } = await diagnosed({ goesOn: true });
    await write(7, 1_007);
    const { outcome, disasters, unjudged } = await diagnose({ storage, instance, to: { url: server.url } });
    expect(disasters.filter(({ kind }) => kind === 'partial-damage')).toEqual([]);
    expect(['UNJUDGED', 'FOUND']).toContain(outcome);
    expect(unjudged[0]?.reason).toMatch(/may be on (?:its|their) way/);
  });
});
