import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { Bucket, minute, ScriptedSink } from '../../../storage/test/ledger/bucket';
import { watch } from '../../src/watch/watch';
import { gzOf, keyOf } from '../support/backup';
import { describeOnInfluxd } from '../support/ground';

describeOnInfluxd('a watch whose sinks are late', (ground) => {
  it('waits for them once, no longer than it may in all, however many databases differ', async () => {
    const { influxd, database, workspace } = ground;
    const databases = [1, 2, 3].map((n) => `${database}_${n}`);
    const storage = new Bucket();
    const sink = new ScriptedSink(storage, '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11', 'src');
    const saidMs = Date.now() - minute;
    for (const name of databases) {
      await query(influxd.url, '', `CREATE DATABASE "${name}"`);
      await writeRaw(influxd.url, name, 'm v=1 1700000000\n', { precision: 's' });
      const file = { database: name, openedMs: saidMs - minute, lines: 'm v=2 1700000000\n' };
      const gz = await gzOf(file);
      storage.put(keyOf(file), gz, saidMs - minute);
      const md5 = createHash('md5').update(gz).digest('base64');
      const times = { fromNs: 1_700_000_000_000_000_000n, toNs: 1_700_000_000_000_000_000n };
      sink.unsaid.push({ state: 'stored', key: keyOf(file), sizeBytes: gz.length, md5, lines: 1, ...times });
    }
    // The sink says nothing more before the watch ends: what was acked since may be newer than what the backup has.
    await sink.say(saidMs);
    let sleptMs = 0;
    const clock = {
      now: () => Date.now() + sleptMs,
      sleep: async (ms: number) => {
        sleptMs += ms;
      },
    };
    const waitMs = 40_000;
    const report = await watch({
      storage,
      instance: 'src',
      to: { url: influxd.url },
      databases,
      load: 100,
      waitMs,
      clock,
      stateFile: join(workspace.folder, 'watch.json'),
    });
    expect(report.outcome).toBe('UNJUDGED');
    expect(report.unjudged.map((one) => one.database)).toEqual(databases);
    for (const { reason, values } of report.unjudged) {
      const said =
        values === 1 ? '1 value differs, and may be on its way' : `${values} values differ, and may be on their way`;
      expect(reason).toContain(said);
    }
    expect(sleptMs).toBeGreaterThan(waitMs - 5_000);
    expect(sleptMs).toBeLessThanOrEqual(waitMs);
    for (const name of databases) await query(influxd.url, '', `DROP DATABASE "${name}"`);
  });
});
