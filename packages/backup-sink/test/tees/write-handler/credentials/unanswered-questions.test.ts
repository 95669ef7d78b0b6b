import { type FileSystem, nodeFileSystem } from '@ceres/internal';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWriteHandler } from '../../../../src/index';
import { afterTest, openTestSink } from '../../backup';
import { startFakeInflux, stored } from '../../fake-influx';
import { send } from '../tools/client';
import { serve } from '../tools/serve';

/** How long InfluxDB and the disk have for the question. */
const questionMsMax = 5_000;

/** Lets such a timer end after 50 ms, and no other: those of a slow disk must not. */
beforeEach(() => {
  const { setTimeout: start } = globalThis;
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const hurried = (callback: () => void, ms = 0, ...given: []) =>
    start(callback, ms === questionMsMax ? 50 : ms, ...given);
  vi.stubGlobal('setTimeout', Object.assign(hurried, start));
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms === questionMsMax ? 50 : ms));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A handler before a server that never says whether a client may write. */
async function handlerBeforeSilence(fs: FileSystem = nodeFileSystem) {
  const fake = await startFakeInflux(stored, () => undefined);
  afterTest(() => fake.stop());
  const { sink, lines } = await openTestSink({ fs });
  const url = await serve(createWriteHandler(fake.url, sink, { instance: 'influxdb-0' }));
  return { fake, lines, post: () => send(url, 'POST', '/write?db=db_0', 'm v=1 1') };
}

describe('a write of a client of which InfluxDB does not say in time whether it may write', () => {
  it('is refused for now, and backed up nowhere', async () => {
    const { fake, lines, post } = await handlerBeforeSilence();
    const { status, body } = await post();
    expect(status).toBe(503);
    expect(body).toContain('InfluxDB cannot say whether this client may write');
    expect(fake.writes()).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it('is refused for now, too, if the disk does not say either whether it might before', async () => {
    const open: FileSystem['open'] = async (path, flags, mode) =>
      await (path.endsWith('credentials.json')
        ? new Promise<never>(() => undefined)
        : nodeFileSystem.open(path, flags, mode));
    const { lines, post } = await handlerBeforeSilence({ ...nodeFileSystem, open });
    const { status, body } = await post();
    expect(status).toBe(503);
    expect(body).toContain('the disk does not answer');
    expect(await lines()).toEqual([]);
  });
});
