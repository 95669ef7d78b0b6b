// Compares every value in a process of its own: `node verify-child.mjs BACKUP URL [SNAPSHOT-URL]`; prints its speed, time and peak memory.
import { verify } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';

const [backup, url, snapshot] = process.argv.slice(2);
const started = process.hrtime.bigint();
const storage = new LocalStorage(backup);
const options = { storage, instance: 'bench', to: { url }, level: 'content', ...(snapshot && { snapshot }) };
const { equal, points, mismatches } = await verify(options);
if (!equal)
  throw new Error(
    `backup and database differ: ${JSON.stringify(mismatches.slice(0, 4), (_, v) => (typeof v === 'bigint' ? String(v) : v))} of ${mismatches.length}`,
  );
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
const { user, system } = process.cpuUsage();
const cpuSeconds = (user + system) / 1e6;
console.log(
  JSON.stringify({ rate: points / seconds, seconds, cpuSeconds, rssMb: process.resourceUsage().maxRSS / 1024 }),
);
