// Watches for one period of simulated time in a process of its own: `node watch-child.mjs BACKUP URL SNAPSHOT-URL STATE-FILE`; prints what it compared.
import { setTimeout as pause } from 'node:timers/promises';
import { watch } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';

const [backup, url, snapshot, stateFile] = process.argv.slice(2);
const hourMs = 3_600_000;
const periodMs = 12 * hourMs;
const storage = new LocalStorage(backup);
let aheadMs = 0;
const clock = { now: () => Date.now() + aheadMs, sleep: (ms) => pause(ms) };
let points = 0;
for (let hour = 0; hour < 12; hour += 1) {
  const options = { storage, instance: 'bench', to: { url }, snapshot, stateFile, periodMs, clock, waitMs: 0 };
  const report = await watch({ ...options, accept: ['no-ledger/bench'] });
  if (report.outcome !== 'GOOD') throw new Error(`the watch says ${report.outcome}: ${report.alarms[0]?.reason}`);
  points += report.points;
  aheadMs += hourMs;
}
console.log(JSON.stringify({ points }));
