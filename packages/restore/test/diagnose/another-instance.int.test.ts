import { join } from 'node:path';
import { type Influxd, query, startInfluxd, startWriteProxy, writeRaw } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose';
import { watch } from '../../src/watch/watch';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, numbered, startMs } from '../support/ground';
import { contentOf, nativeOf } from '../support/native-content';

/** What the database of another instance may hold under the name of ours. */
const others: readonly (readonly [what: string, lines: string])[] = [
  ['other series', numbered(500).replaceAll('t=a', 't=other')],
  ['a few points of other series', numbered(5).replaceAll('t=a', 't=other')],
  ['other values of the same series at the same times', numbered(500).replaceAll(/ v=\d+/g, '$&.5')],
];

describeOnInfluxd('on the database of another instance,', (ground) => {
  async function prepare(theirs: string) {
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    await writeRaw(ground.influxd.url, ground.database, theirs, { precision: 's' });
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines: numbered(500) });
    const proxy = await startWriteProxy(ground.influxd.url);
    onTestFinished(() => proxy.close());
    const options = {
      storage,
      instance: 'src',
      to: { url: proxy.url },
      databases: [ground.database],
      accept: ['no-ledger/src'],
      waitMs: 0,
    };
    const stateFile = join(ground.workspace.folder, 'watch.json');
    return { options, stateFile, proxy, before: await contentOf(ground.influxd) };
  }

  it.each(others)('with %s, diagnose says so, and names no command that would write', async (_what, theirs) => {
    const { options, proxy, before } = await prepare(theirs);
    for (const snapshot of [undefined, nativeOf(ground.influxd).url]) {
      const { outcome, disasters } = await diagnose({ ...options, ...(snapshot && { snapshot }) });
      expect(outcome).toBe('FOUND');
      expect(disasters).toEqual([
        {
          kind: 'other-server',
          databases: [ground.database],
          reason: expect.stringMatching(/^db \d+: it holds other points than the backup \(of 500, /),
          cure: { action: 'check the server' },
          findings: expect.anything(),
        },
      ]);
    }
    expect(proxy.writes).toBe(0);
    expect(await contentOf(ground.influxd)).toEqual(before);
  });

  it('with tens of thousands of values, diagnose says so, too', async () => {
    const fields = Array.from({ length: 11 }, (_, n) => `f${n}=${n}`).join();
    const many = numbered(5_000).replaceAll(/ v=\d+/g, ` ${fields}`);
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    await writeRaw(ground.influxd.url, ground.database, many.replaceAll('t=a', 't=other'), { precision: 's' });
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines: many });
    const to = { url: ground.influxd.url };
    const accept = ['no-ledger/src'];
    const found = await diagnose({ storage, instance: 'src', to, databases: [ground.database], accept, waitMs: 0 });
    expect(found.disasters.map(({ kind, cure }) => [kind, cure.action])).toEqual([
      ['other-server', 'check the server'],
    ]);
  });

  it.each(others)('with %s, a watch alarms, and writes nothing', async (_what, theirs) => {
    const { options, stateFile, proxy, before } = await prepare(theirs);
    for (const snapshot of [undefined, nativeOf(ground.influxd).url]) {
      const state = `${stateFile}.${snapshot === undefined}`;
      const { outcome, alarms } = await watch({ ...options, stateFile: state, ...(snapshot && { snapshot }) });
      expect(outcome).toBe('FOUND');
      const damaged = alarms.filter(({ kind }) => kind !== 'extra').reduce((sum, { values = 0 }) => sum + values, 0);
      expect(damaged).toBe(500);
    }
    expect(proxy.writes).toBe(0);
    expect(await contentOf(ground.influxd)).toEqual(before);
  });

  it('through the snapshot service of another server, both say that the two are not one, and write to neither', async () => {
    const { options, stateFile, proxy, before } = await prepare(numbered(490));
    const other: Influxd = await startInfluxd();
    onTestFinished(() => other.stop());
    await query(other.url, '', `CREATE DATABASE "${ground.database}"`);
    await writeRaw(other.url, ground.database, numbered(500), { precision: 's' });
    const beforeThere = await contentOf(other);
    const snapshot = nativeOf(other).url;
    await expect(diagnose({ ...options, snapshot })).rejects.toMatchObject({
      code: 'SNAPSHOT_SERVICE',
      message: expect.stringMatching(/are not one server: only the (?:first|second) has/),
    });
    const { outcome, alarms, unjudged } = await watch({ ...options, snapshot, stateFile, patienceMs: 0 });
    expect([outcome, alarms]).toEqual(['UNJUDGED', []]);
    expect(unjudged[0]?.reason).toMatch(/could not be compared: .*are not one server: only the (?:first|second) has/);
    expect(proxy.writes).toBe(0);
    expect(await contentOf(ground.influxd)).toEqual(before);
    expect(await contentOf(other)).toEqual(beforeThere);
  });
});
