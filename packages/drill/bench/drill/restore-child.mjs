// What a drill does, by hand: `node restore-child.mjs BACKUP INSTANCE WORKDIR URL SNAPSHOT-URL`.
import { join } from 'node:path';
import { planRestore, restore, verify } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';

const [root, instance, workDir, url, snapshot] = process.argv.slice(2);
const storage = new LocalStorage(root);
const to = { url };
await restore(await planRestore({ storage, instance }), {
  to,
  native: { url: snapshot },
  journalFile: join(workDir, 'restore.journal'),
  rejectsDir: join(workDir, 'rejects'),
  scratchDir: workDir,
});
const { equal } = await verify({ storage, instance, to, level: 'content', snapshot, scratchDir: workDir });
if (!equal) throw new Error('backup and database differ');
