// One restore in a process of its own: `node restore-child.mjs BACKUP URL WORKDIR [SNAPSHOT-URL]`; prints its CPU time and peak memory.
import { join } from 'node:path';
import { planRestore, restore } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';

const [backup, url, workDir, native] = process.argv.slice(2);
const plan = await planRestore({ storage: new LocalStorage(backup), instance: 'bench' });
const started = process.hrtime.bigint();
const before = process.cpuUsage();
const { lines } = await restore(plan, {
  to: { url },
  journalFile: join(workDir, 'restore.journal'),
  rejectsDir: join(workDir, 'rejects'),
  ...(native && { native: { url: native }, scratchDir: workDir }),
});
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({ lines, cores: (user + system) / 1e6 / seconds, rssMb: process.resourceUsage().maxRSS / 1024 }),
);
