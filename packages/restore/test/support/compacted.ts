import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Settings with which InfluxDB compacts a shard fully as soon as it is quiet. */
export const COMPACTS_AT_ONCE = {
  'cache-snapshot-write-cold-duration': '1s',
  'compact-full-write-cold-duration': '1s',
};

/** Waits until a shard is one file that the server made. */
export async function compacted(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const names = (await readdir(folder, { recursive: true })).filter((name) => /\.tsm(\.tmp)?$/.test(name));
    const isMade = (name: string) => !/000\.tsm$|\.tmp$/.test(name);
    if (names.some(isMade) && new Set(names.map((name) => name.split('/')[0])).size === names.length) return;
    await delay(100);
  }
  throw new Error(`InfluxDB did not compact a shard in ${folder} within 60 s.`);
}
