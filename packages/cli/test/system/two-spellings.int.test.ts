import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, createTee, LocalStorage, readPolicies } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreByImport } from '../../campaign/spellings/restores';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const database = 'db_0';

describe.skipIf(!(await influxdAvailable()))('a point that is written with and without the name of its policy', () => {
  let folder: string;
  let server: Influxd;
  let restores = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-two-spellings-'));
    server = await startInfluxd();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Writes 1 without a policy, 2 to autogen and 3 without, and one value to each of two other series; returns the folder of the backup. */
  const backUp = async (name: string, knowsPolicies: boolean): Promise<string> => {
    await query(server.url, '', `DROP DATABASE ${database}`);
    await query(server.url, '', `CREATE DATABASE ${database}`);
    const root = join(folder, name);
    const sink = await BackupSink.open({
      storage: new LocalStorage(root),
      spoolDir: join(folder, `${name}-spool`),
      precision: 's',
      ...(knowsPolicies && { policies: await readPolicies({ url: server.url }, [database]) }),
    });
    const tee = createTee(new InfluxWriter({ url: server.url }), sink, { instance });
    const write = async (measurement: string, value: bigint, to: { readonly retentionPolicy?: string }) =>
      await tee.write({ database, ...to }, [{ measurement, fields: { v: value }, timestamp: 1_700_000_000n }]);
    await write('m', 1n, {});
    await write('m', 2n, { retentionPolicy: 'autogen' });
    await write('m', 3n, {});
    await write('unnamed', 4n, {});
    await write('named', 5n, { retentionPolicy: 'autogen' });
    expect(await sink.close()).toEqual({ unstoredFiles: 0 });
    return root;
  };

  const command = async (name: string, root: string, ...more: string[]) =>
    await ceres([name, `file://${root}`, '--instance', instance, '--to', server.url, ...more]);

  const restored = async (root: string, ...more: string[]) => {
    await query(server.url, '', `DROP DATABASE ${database}`);
    restores += 1;
    const files = ['--journal-file', join(folder, `journal-${restores}`), '--rejects-dir', join(folder, 'rejects')];
    const { exitCode, stderr } = await command('restore', root, ...files, ...more);
    return { exitCode, stderr, content: await content() };
  };

  /** Returns the value of each measurement. */
  const content = async (): Promise<Record<string, unknown>> => {
    const series = await query(server.url, database, 'SELECT v FROM autogen./.*/');
    return Object.fromEntries(series.map(({ name, values }) => [name, values[0]?.[1]]));
  };

  describe.each([
    ['where the name of the default policy is known', true],
    ['where it is not known', false],
  ])('%s', (title, knowsPolicies) => {
    const live = { m: 3, unnamed: 4, named: 5 };
    let root: string;

    beforeAll(async () => {
      root = await backUp(title.replaceAll(' ', '-'), knowsPolicies);
      expect(await content()).toEqual(live);
    });

    it.each(['1', '2', '8'])(
      'has its last value after a restore with %s lanes, which verify confirms',
      async (lanes) => {
        expect(await restored(root, '--lanes', lanes)).toMatchObject({ exitCode: 0, content: live });
        expect(await command('verify', root, '--level', 'content')).toMatchObject({ exitCode: 0 });
      },
    );

    it("has its last value after an import by InfluxDB's own tool, of files without a mark against it", async () => {
      await query(server.url, '', `DROP DATABASE ${database}`);
      await query(server.url, '', `CREATE DATABASE ${database}`);
      const settings = { url: server.url, root, folder, database, lanes: 1 };
      expect(await restoreByImport(settings)).toEqual([]);
      expect(await content()).toEqual(live);
    });

    it('is found whole by check', async () => {
      expect(await ceres(['check', `file://${root}`, '--instance', instance])).toMatchObject({ exitCode: 0 });
    });
  });

  it('is restored only as far as its policy is selected, and the listings name the policies', async () => {
    const root = await backUp('selected', false);
    const { exitCode, content: found } = await restored(root, '--policy', 'autogen');
    expect([exitCode, found]).toEqual([0, { m: 2, named: 5 }]);
    const dry = await command('restore', root, '--dry-run', '--into-existing');
    expect(dry.stdout).toMatch(/db_0 +\(default\) and autogen/);
    const printed = await ceres(['cat', `file://${root}`, '--instance', instance, '--policy', 'autogen']);
    expect(printed.stdout).toBe('m v=2i 1700000000\nnamed v=5i 1700000000\n');
    const listed = await ceres(['ls', `file://${root}`]);
    expect(listed.stdout).toMatch(/db_0 +\(several\)/);
  });
});
