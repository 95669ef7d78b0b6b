// One run of a restore, to be killed: `node restore-child.mjs '{"root", "url", "database", "workDir", "lanes", "native"}'`.
import { join } from 'node:path';
import { planRestore, restore } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';

const { root, url, database, workDir, lanes, native } = JSON.parse(process.argv[2]);
const plan = await planRestore({ storage: new LocalStorage(root), instance: 'src' });
await restore(plan, {
  to: { url },
  journalFile: join(workDir, 'restore.journal'),
  rejectsDir: join(workDir, 'rejects'),
  lanes,
  ...(native && { native, scratchDir: workDir }),
  mapDatabase: { source: database },
  mapRetentionPolicy: { rp_a: 'rp', rp_b: 'rp' },
});
