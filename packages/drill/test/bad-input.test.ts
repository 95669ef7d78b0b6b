import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certify } from '../src/certificate/signature';
import { storeCertificate } from '../src/certificate/store-certificate';
import { drill } from '../src/drill';
import type { DrillOptions } from '../src/options';
import { findInfluxd } from '../src/server/find-influxd';
import { freeBytes, refuseLackOfSpace } from '../src/space';
import { backupInMemory, instance } from './support/backup';
import { drillOf } from './support/certificate';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-drill-bad-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Makes a program that stands in for influxd. */
async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const storage = new MemoryStorage();

describe('a drill is refused with', () => {
  it.each<[string, Partial<DrillOptions>, RegExp]>([
    ['a sample of nothing', { sample: 0 }, /Expected `sample` to be a number of percent from 0.01 to 100, got 0/],
    ['another route', { route: 'http' as 'write' }, /Expected `route` to be one of 'native', 'write', got 'http'/],
    [
      'two servers',
      { influxd: 'influxd', scratchServer: { url: 'http://a:8086' } },
      /`influxd` to be left out with `scratchServer`/,
    ],
    ['a snapshot service alone', { native: 'tcp://127.0.0.1:8088' }, /`native` to be left out without `scratchServer`/],
    [
      'a native route without a service',
      { route: 'native', scratchServer: { url: 'http://a:8086' } },
      /the snapshot service of `scratchServer`/,
    ],
    ['a key that is none', { signingKey: 'x' }, /Expected `signingKey` to be a key of Ed25519/],
    [
      'certificates that cannot be stored',
      { certificates: {} as MemoryStorage },
      /Expected `certificates` to be an object with put\(\)/,
    ],
    ['a misspelled option', { smaple: 5 } as Partial<DrillOptions>, /no option `smaple`. Did you mean `sample`/],
  ])('%s', async (_what, options, message) => {
    await expect(drill({ storage, instance, ...options })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(message),
    });
  });
});

describe('influxd', () => {
  it('of version 1 is found behind one of version 2', async () => {
    const two = await program('influxd', 'echo "InfluxDB v2.7.1"');
    const other = await mkdtemp(join(folder, 'path-'));
    const one = join(other, 'influxd');
    await writeFile(one, '#!/bin/sh\necho "InfluxDB v1.8.10 (git: 1.8 x)"\n', { mode: 0o755 });
    expect(await findInfluxd(undefined, `${folder}:${other}`)).toBe(one);
    await expect(findInfluxd(two)).rejects.toThrow(/is no influxd of InfluxDB 1.x/);
  });

  it('that is nowhere is an error that says how to get one', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'));
    await expect(findInfluxd(undefined, empty)).rejects.toMatchObject({
      code: 'NO_INFLUXD',
      message: expect.stringMatching(
        /no influxd of InfluxDB 1.x on PATH.*apt-get install influxdb.*--influxd PATH.*--scratch-server URL/,
      ),
    });
  });

  it('that finds its port taken gets others, five times', async () => {
    const workDir = await mkdtemp(join(folder, 'work-'));
    const starts = join(folder, 'starts');
    const taken = `[ "$1" = version ] && echo "InfluxDB v1.8.10" && exit; echo x >> ${starts}; echo "run: open server: listen tcp 127.0.0.1:1: bind: address already in use" >&2; exit 1`;
    const influxd = await program('taken', taken);
    await expect(drill({ storage: await backupInMemory(), instance, workDir, influxd })).rejects.toMatchObject({
      code: 'SERVER_NOT_STARTED',
      message: expect.stringMatching(/address already in use\. Other programs took 5 pairs of free ports in a row/),
    });
    expect(await readFile(starts, 'utf8')).toBe('x\n'.repeat(5));
    expect(await readdir(workDir)).toEqual([]);
  });

  it('that does not start is an error with its reason', async () => {
    const influxd = await program(
      'broken',
      '[ "$1" = version ] && echo "InfluxDB v1.8.10" && exit; echo "no such disk"; exit 3',
    );
    await expect(drill({ storage: await backupInMemory(), instance, workDir: folder, influxd })).rejects.toThrow(
      /influxd did not start: no such disk\. Try/,
    );
  });
});

describe('a disk', () => {
  const plan = {
    bytes: 3_000,
    partitions: [
      { database: 'a', bytes: 1_000 },
      { database: 'b', bytes: 2_000 },
    ],
  };
  const refuse = (free: number | undefined, hasServer: boolean) => () =>
    refuseLackOfSpace(plan as unknown as Parameters<typeof refuseLackOfSpace>[0], { folder: '/tmp', free, hasServer });

  it('without room for the server and the work is refused, with how much it takes', () => {
    const needed = 4 * 2_000 + 3 * 3_000 + 16 * 1024 * 1024;
    expect(refuse(needed, true)).not.toThrow();
    expect(refuse(needed - 1, true)).toThrow(
      `may need ${needed} bytes in /tmp, which has ${needed - 1}. Free space there`,
    );
    expect(refuse(8_000, false)).not.toThrow();
    expect(refuse(7_999, false)).toThrow('may need 8000 bytes');
    expect(refuse(undefined, true)).not.toThrow();
  });

  it('is asked above a folder that is not there', async () => {
    expect(await freeBytes(join(folder, 'not', 'there'))).toBeGreaterThan(0);
  });

  it('that cannot be written is an error that names the folder', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const influxd = await program('good', 'echo "InfluxDB v1.8.10"');
    const drilling = drill({ storage: await backupInMemory(), instance, workDir: join(file, 'below'), influxd });
    await expect(drilling).rejects.toMatchObject({ code: 'WORK_FOLDER', message: expect.stringContaining(file) });
  });
});

it('a certificate that may not be stored is an error that says what to allow', async () => {
  const denied = {
    put: async () => {
      throw new StorageError('DENIED', 'The bucket refuses it.', {});
    },
  };
  await expect(storeCertificate(denied, certify(drillOf(), undefined), undefined)).rejects.toMatchObject({
    code: 'CERTIFICATE_NOT_STORED',
    message: expect.stringMatching(
      /The bucket refuses it. Allow the credential to create objects there, or choose another place/,
    ),
  });
});
