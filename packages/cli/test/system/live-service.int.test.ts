import { setTimeout as delay } from 'node:timers/promises';
import type { RestoreOptions } from '@ceres/restore';
import { influxdAvailable } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSnapshotRelay } from '../../../restore/test/support/snapshot-relay';
import { liveGround } from '../support/live-ground';

/** A clock on which every sleep ends fifty times as early. */
function hastyClock(): NonNullable<RestoreOptions['clock']> {
  let aheadMs = 0;
  const sleep = async (ms: number, signal?: AbortSignal) => {
    await delay(ms / 50, undefined, signal && { signal });
    aheadMs += ms - ms / 50;
  };
  return { now: () => Math.floor(Date.now() + aheadMs), sleep };
}

describe.skipIf(!(await influxdAvailable()))('restore --live, when InfluxDB dies in the middle of an upload,', () => {
  /**
   * A lost database with one newer value, and a relay that cuts the first upload.
   *
   * @param after called when the upload is cut
   */
  async function ground(after: (kill: () => Promise<void>) => Promise<void>) {
    const parts = await liveGround();
    const { lose, write, sink, server } = parts;
    await lose('db');
    await write(7, 1_007);
    await sink.close(); // what it wrote is stored, and nothing more comes
    let dying: Promise<void> | undefined;
    const relay = await startSnapshotRelay(server.rpcPort, async (upload) => {
      if (upload > 1) return undefined;
      setTimeout(() => {
        dying = after(() => server.kill());
      }, 10);
      return 300; // bytes
    });
    onTestFinished(() => relay.close());
    return { ...parts, relay, native: { url: relay.url }, died: async () => await dying };
  }

  it('goes on when it is back, and the newer value is still there', async () => {
    const { run, relay, native, server, died, valueAt, isEqual } = await ground(async (kill) => {
      await kill();
      await server.restart();
    });
    const report = await run({ native, clock: hastyClock() });
    await died();
    expect(relay.uploads).toBeGreaterThan(1);
    expect(report).toMatchObject({ lines: 101, rejected: 0, live: { outcome: 'EQUAL', values: 0 } });
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, 8]);
    expect(await isEqual()).toBe(true);
    await server.restart();
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, 8]);
  });

  it('says so if it does not come back, and goes on with the same command: the newer value is still there', async () => {
    const { run, native, server, died, valueAt, journal, isEqual } = await ground(async (kill) => await kill());
    // The cut comes to the client before the end of influxd or with it, so the upload or the question behind it is the last attempt.
    await expect(run({ native, patienceMs: 1_000 })).rejects.toMatchObject({
      code: expect.stringMatching(/^(SERVER_UNREACHABLE|SNAPSHOT_SERVICE)$/),
      message: expect.stringMatching(/run the same command again/),
    });
    expect((await journal()).some(({ finished }) => finished === true)).toBe(false);
    await died();
    await server.restart();
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, undefined]);
    const report = await run({ native, clock: hastyClock() });
    expect(report).toMatchObject({ rejected: 0, live: { outcome: 'EQUAL', values: 0 } });
    expect([await valueAt(7), await valueAt(8)]).toEqual([1_007, 8]);
    expect(await isEqual()).toBe(true);
  });
});
