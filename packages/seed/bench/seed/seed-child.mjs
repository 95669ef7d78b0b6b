// Seeds everything of a server into a folder, in a process of its own: `node seed-child.mjs SOURCE FOLDER LEVEL`.
import { createHash } from 'node:crypto';
import { decodeFile } from '@ceres/lineproto';
import { seed } from '@ceres/seed';
import { LocalStorage } from '@ceres/storage';

const [source, folder, level] = process.argv.slice(2);
const storage = new LocalStorage(`${folder}/backup`);
const started = performance.now();
// Without `get` it cannot read back: that is timed below.
const { points, bytes } = await seed({
  storage: { put: (...given) => storage.put(...given) },
  instance: 'bench',
  source,
  workDir: `${folder}/work`,
  ...(level && { gzipLevel: Number(level) }),
});
const seconds = (performance.now() - started) / 1e3;
const { user, system } = process.cpuUsage();
const rssMb = process.resourceUsage().maxRSS / 1024;
const proving = performance.now();
for await (const { key } of storage.list('bench/')) {
  const file = decodeFile(storage.get(key), { batchBytesMax: 1024 * 1024, batchLinesMax: 100_000 });
  const hash = createHash('sha256');
  for await (const batch of file) hash.update(batch.bytes);
  if ((await file.integrity).status !== 'sealed') throw new Error(`${key} is damaged.`);
}
const readBackSeconds = (performance.now() - proving) / 1e3;
console.log(JSON.stringify({ points, bytes, seconds, cpuSeconds: (user + system) / 1e6, rssMb, readBackSeconds }));
