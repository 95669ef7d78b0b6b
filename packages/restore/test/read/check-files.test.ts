import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { resolveSelection } from '../../src/options/selection';
import { checkFiles } from '../../src/read/check-files';
import { isFault } from '../../src/read/finding';
import { backupOf, keyOf } from '../support/backup';

it('finds the one damaged file behind files of an older system, however few findings a report keeps', async () => {
  const lines = '# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RETENTION-POLICY:\nm v=1 1\n';
  const older = { database: 'db', openedMs: Date.UTC(2024, 0, 10), lines: '', gz: gzipSync(lines) };
  const cut = { ...older, openedMs: older.openedMs + 1, gz: older.gz.subarray(0, -1) };
  const selection = resolveSelection({ storage: await backupOf(older, cut), instance: 'src' });
  async function* files() {
    for (let i = 0; i < 10; i += 1) yield { key: keyOf(older) };
    yield { key: keyOf(cut) };
  }
  const { findings, faultsUnnamed } = await checkFiles(files(), selection, { max: 10 });
  expect(findings.filter(isFault)).toMatchObject([{ name: keyOf(cut), problem: 'cut-off' }]);
  expect(faultsUnnamed).toBe(0);
});
