import { join } from 'node:path';
import { type Influxd, query, startInfluxd, versionProxy, versionProxyAvailable, writeRaw } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { heal } from '../../src/heal/heal';
import { planRestore } from '../../src/plan/plan';
import { restore } from '../../src/restore';
import { verify } from '../../src/verify/verify';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, numbered, startMs, startS } from '../support/ground';
import { contentOf, nativeOf } from '../support/native-content';
import { startReadRelay } from '../support/read-relay';

const proxied = await versionProxyAvailable();

describeOnInfluxd('with a snapshot service that cannot be used,', (ground) => {
  const commands = ['verify', 'heal', 'restore'] as const;

  /** Runs a command on a database that lacks some points, with another service or server than it should have. */
  async function run(command: (typeof commands)[number], snapshot: string, url = ground.influxd.url): Promise<unknown> {
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines: numbered(500) });
    const [source, to] = [{ storage, instance: 'src' }, { url }];
    const accept = ['no-ledger/src'];
    if (command === 'verify') return await verify({ ...source, to, level: 'content', snapshot });
    if (command === 'heal') return await heal({ ...source, to, snapshot, accept });
    const { folder } = ground.workspace;
    const options = { ...ground.options(), to, accept, live: true, native: { url: snapshot }, scratchDir: folder };
    return await restore(await planRestore(source), { ...options, journalFile: join(folder, 'live.journal') });
  }

  async function prepare(): Promise<ReadonlyMap<string, string>> {
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    const lines = numbered(500).split('\n').slice(9).join('\n');
    await writeRaw(ground.influxd.url, ground.database, lines, { precision: 's' });
    return await contentOf(ground.influxd);
  }

  const another = async (): Promise<Influxd> => {
    const other = await startInfluxd();
    onTestFinished(() => other.stop());
    return other;
  };

  it.each(commands)('%s says that none answers, and writes nothing', async (command) => {
    const before = await prepare();
    await expect(run(command, 'tcp://127.0.0.1:1')).rejects.toMatchObject({
      code: 'SNAPSHOT_SERVICE',
      message: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(await contentOf(ground.influxd)).toEqual(before);
  });

  it.each(commands)('%s says that its answer ends in mid-stream, and writes nothing', async (command) => {
    const before = await prepare();
    const cut = (archive: Buffer) => archive.subarray(0, archive.length / 2);
    const relay = await startReadRelay(ground.influxd.rpcPort, cut);
    onTestFinished(() => relay.close());
    await expect(run(command, relay.url)).rejects.toMatchObject({
      code: 'SNAPSHOT_SERVICE',
      message: expect.stringMatching(/ends|cut/),
    });
    expect(await contentOf(ground.influxd)).toEqual(before);
  });

  it.each(commands)(
    '%s says that it is that of another server, also with databases of the same names',
    async (command) => {
      const other = await another();
      await query(other.url, '', `CREATE DATABASE "${ground.database}"`);
      await writeRaw(other.url, ground.database, numbered(3), { precision: 's' });
      const before = await prepare();
      const beforeThere = await contentOf(other);
      await expect(run(command, nativeOf(other).url)).rejects.toMatchObject({
        code: 'SNAPSHOT_SERVICE',
        message: expect.stringMatching(/are not one server: only the (?:first|second) has/),
      });
      expect(await contentOf(ground.influxd)).toEqual(before);
      expect(await contentOf(other)).toEqual(beforeThere);
    },
  );

  it.each(commands)('%s says so also if only the times of their shards tell the two servers apart', async (command) => {
    const [one, other] = [await another(), await another()];
    for (const { url } of [one, other]) await query(url, '', `CREATE DATABASE "${ground.database}"`);
    await writeRaw(one.url, ground.database, numbered(400), { precision: 's' });
    await writeRaw(other.url, ground.database, `m,t=a v=1 ${startS + 60 * 86_400}`, { precision: 's' });
    const before = await contentOf(one);
    await expect(run(command, nativeOf(other).url, one.url)).rejects.toMatchObject({
      code: 'SNAPSHOT_SERVICE',
      message: expect.stringMatching(/are not one server: only the (?:first|second) has .*2024-01-08T00:00:00/),
    });
    expect(await contentOf(one)).toEqual(before);
  });

  it
    .skipIf(!proxied)
    .each(commands.flatMap((command) => ['1.5.4', '1.13.0', '2.7.1'].map((version) => [command, version] as const)))(
    '%s refuses a server of version %s, whose storage is not known',
    async (command, version) => {
      const before = await prepare();
      const proxy = await versionProxy(ground.influxd, version);
      onTestFinished(() => proxy.stop());
      await expect(run(command, nativeOf(ground.influxd).url, proxy.url)).rejects.toMatchObject({
        code: 'SERVER_UNSUPPORTED',
      });
      expect(await contentOf(ground.influxd)).toEqual(before);
    },
  );
});

describeOnInfluxd('with the database of another instance,', (ground) => {
  it('heal refuses more than a tenth of the points, and writes nothing, by either way', async () => {
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    const theirs = numbered(500).replaceAll('t=a', 't=other');
    await writeRaw(ground.influxd.url, ground.database, theirs, { precision: 's' });
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines: numbered(500) });
    const before = await contentOf(ground.influxd);
    for (const snapshot of [undefined, nativeOf(ground.influxd).url]) {
      const options = { storage, instance: 'src', to: { url: ground.influxd.url }, accept: ['no-ledger/src'] };
      await expect(heal({ ...options, ...(snapshot && { snapshot }) })).rejects.toMatchObject({
        code: 'HEAL_REFUSED',
        message: expect.stringMatching(/Nothing was written.*500 of 500 points.*another database, or another disaster/),
      });
    }
    expect(await contentOf(ground.influxd)).toEqual(before);
  });
});
