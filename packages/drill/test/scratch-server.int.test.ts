import type { MemoryStorage } from '@ceres/storage';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drill } from '../src/drill';
import { backupInMemory, instance } from './support/backup';
import { drillGround } from './support/ground';

describe.skipIf(!(await influxdAvailable()))('a drill into a scratch server', () => {
  const ground = drillGround();
  let server: Influxd;
  let storage: MemoryStorage;
  beforeAll(async () => {
    server = await startInfluxd();
    storage = await backupInMemory();
  });
  afterAll(() => server.stop());

  const databases = async () =>
    (await query(server.url, '', 'SHOW DATABASES'))
      .flatMap(({ values }) => values.flat())
      .filter((name) => name !== '_internal');
  const options = () => ({ storage, instance, workDir: ground.workDir, scratchServer: { url: server.url } });

  it('sends lines, passes, and leaves the server empty', async () => {
    const { certificate } = await drill(options());
    expect([certificate.verdict, certificate.recovery.route, certificate.verified?.by]).toEqual([
      'PASS',
      'write',
      'queries',
    ]);
    expect(await databases()).toEqual([]);
  });

  it('restores natively through the snapshot service that is named', async () => {
    const { certificate } = await drill({ ...options(), native: `tcp://127.0.0.1:${server.rpcPort}` });
    expect([certificate.verdict, certificate.recovery.route]).toEqual(['PASS', 'native']);
    expect(await databases()).toEqual([]);
  });

  it('refuses one that holds a database, and changes nothing there', async () => {
    await query(server.url, '', 'CREATE DATABASE production');
    await expect(drill(options())).rejects.toMatchObject({
      code: 'SCRATCH_REFUSED',
      message: expect.stringMatching(/holds a database \('production'\)\. Nothing there was changed/),
    });
    expect(await databases()).toEqual(['production']);
    await query(server.url, '', 'DROP DATABASE production');
  });

  it('refuses the server that was backed up, by its name, without asking it anything', async () => {
    const scratchServer = { url: 'http://Influxdb-0:8086' };
    await expect(drill({ ...options(), scratchServer })).rejects.toMatchObject({
      code: 'SCRATCH_REFUSED',
      message: expect.stringContaining('it has the name of the server that was backed up'),
    });
  });

  it('refuses one that another drill is using', async () => {
    let second: Promise<unknown> = Promise.resolve();
    const onProgress = ({ phase }: { readonly phase: string }) => {
      if (phase === 'restore') second = drill(options()).catch((error: unknown) => error);
    };
    const first = drill({ ...options(), storage: slow(storage, () => second), onProgress });
    expect((await first).certificate.verdict).toBe('PASS');
    expect(await second).toMatchObject({ code: 'SCRATCH_REFUSED', message: expect.stringContaining('another drill') });
    expect(await databases()).toEqual([]);
  });

  it('leaves it empty when it is interrupted', async () => {
    const interruption = new AbortController();
    const onProgress = ({ phase }: { readonly phase: string }) => {
      if (phase === 'verify') interruption.abort(new Error('SIGTERM'));
    };
    await expect(drill({ ...options(), signal: interruption.signal, onProgress })).rejects.toThrow('SIGTERM');
    expect(await databases()).toEqual([]);
  });

  it('drops what a drill that is dead has left there, and nothing else', async () => {
    const dead = { host: 'here', pid: 1, bootId: 'another' };
    const mark = (owner: object) =>
      Buffer.from(JSON.stringify({ id: 'a', owner, databases: ['db_0'] })).toString('base64');
    const leave = async (owner: object) => {
      await query(server.url, '', 'CREATE DATABASE ceres_drill; CREATE DATABASE db_0');
      const lines = `drill,id=a mark="${mark(owner)}" 0`;
      await fetch(`${server.url}/write?db=ceres_drill`, { method: 'POST', body: lines });
    };
    await leave(dead);
    await expect(drill(options())).rejects.toMatchObject({ code: 'SCRATCH_REFUSED' }); // on another machine, it may live
    expect(await databases()).toEqual(['ceres_drill', 'db_0']);
    const { thisProcess } = await import('@ceres/internal');
    await leave({ ...thisProcess(), startedTicks: '1', thread: undefined });
    await query(server.url, '', 'CREATE DATABASE since');
    await expect(drill(options())).rejects.toMatchObject({
      message: expect.stringContaining("holds a database ('since')"),
    });
    await query(server.url, '', 'DROP DATABASE since');
    expect((await drill(options())).certificate.verdict).toBe('PASS');
    expect(await databases()).toEqual([]);
  });
});

/** Returns a storage whose files come only when something has ended. */
function slow(storage: MemoryStorage, before: () => Promise<unknown>): Pick<MemoryStorage, 'list' | 'get'> {
  return {
    list: (prefix, options) => storage.list(prefix, options),
    get: async function* (key, options) {
      await before();
      yield* storage.get(key, options);
    },
  };
}
