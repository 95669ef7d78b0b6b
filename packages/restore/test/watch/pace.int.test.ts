import { join } from 'node:path';
import { systemClock } from '@ceres/internal';
import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { watch } from '../../src/watch/watch';
import { backupOf } from '../support/backup';
import { describeOnInfluxd } from '../support/ground';

describeOnInfluxd('a watch pauses beside live writes', (ground) => {
  it.each([
    ['reads files', true],
    ['asks queries', false],
  ])('when it %s, as long as its load says', async (_how, usesFiles) => {
    const { influxd, database, workspace } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    const lines = Array.from({ length: 20_000 }, (_, n) => `m,t=${n % 50} v=${n} ${1_700_000_000 + n}\n`).join('');
    await writeRaw(influxd.url, database, lines, { precision: 's' });
    let pausedMs = 0;
    const clock = {
      ...systemClock,
      sleep: async (ms: number) => {
        pausedMs += ms;
      },
    };
    const options = {
      storage: await backupOf({ database, openedMs: Date.now(), lines }),
      instance: 'src',
      to: { url: influxd.url },
      databases: [database],
      accept: ['no-ledger/src'],
      waitMs: 0,
      clock,
      ...(usesFiles && { snapshot: `tcp://127.0.0.1:${influxd.rpcPort}` }),
    };
    const pausedAt = async (load: number | undefined) => {
      pausedMs = 0;
      const stateFile = join(workspace.folder, `${load}.json`);
      const { outcome, points } = await watch({ ...options, stateFile, ...(load !== undefined && { load }) });
      expect([outcome, points]).toEqual(['GOOD', 20_000]);
      return pausedMs;
    };
    expect(await pausedAt(100)).toBe(0);
    expect(await pausedAt(undefined)).toBeGreaterThan(0);
    expect(await pausedAt(1)).toBeGreaterThan(1_000);
  });
});
