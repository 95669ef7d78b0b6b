// `node verify-child.mjs BACKUP URL SCRATCHDIR` compares every value, and prints the verdict, its duration and its peak memory.
import { verify } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';

const [root, url, scratchDir] = process.argv.slice(2);
const startedMs = performance.now();
const storage = new LocalStorage(root);
const verdict = await verify({ storage, instance: 'src', to: { url }, level: 'content', scratchDir });
const seconds = (performance.now() - startedMs) / 1000;
const rssMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ verdict, seconds, rssMb }, (_, v) => (typeof v === 'bigint' ? String(v) : v)));
