import { join } from 'node:path';
import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose';
import { planRestore } from '../../src/plan/plan';
import { restore } from '../../src/restore';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, numbered, startMs, startS } from '../support/ground';

describeOnInfluxd('a measurement that was dropped, and that one point of another type began again,', (ground) => {
  it('is a changed type, and what cures it leaves nothing to find', async () => {
    const { database, influxd } = ground;
    const lines = numbered(500) + numbered(500).replaceAll('m,', 'n,');
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, lines, { precision: 's' });
    await query(influxd.url, database, 'DROP MEASUREMENT m');
    await writeRaw(influxd.url, database, `m,t=b v="text" ${startS + 10}\n`, { precision: 's' });
    const storage = await backupOf({ database, openedMs: startMs, lines });
    const selection = { storage, instance: 'src', databases: [database] };
    const options = { ...selection, to: { url: influxd.url }, accept: ['no-ledger/src'], waitMs: 0 };

    const { disasters } = await diagnose(options);
    expect(disasters).toMatchObject([
      {
        kind: 'changed-type',
        reason: `${database}: fields have other types than in the backup: m.v`,
        cure: { action: 'wipe', databases: [database] },
      },
    ]);

    const plan = await planRestore(selection);
    const journalFile = join(ground.workspace.folder, 'wipe.journal');
    await restore(plan, { ...ground.options(), journalFile, wipe: true });
    expect(await diagnose(options)).toMatchObject({ outcome: 'GOOD', points: 1_000 });
  });
});
