import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query, randomFrom, startInfluxd } from '@ceres/testkit';
import { alarmsIn, ask } from './commands';
import { plants } from './plant';
import { createDatabases, type Ground, writeBackup } from './write-backup';

export interface Planting {
  readonly rounds: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface PlantingFigures {
  readonly planted: number;
  readonly found: number;
  readonly healthy: number;
  /** What was missed, and each false alarm, in words. */
  readonly faults: readonly string[];
}

/** Makes `rounds` backups; asks the commands about each, first as it is, and then with damage. */
export async function plantDamage({ rounds, seed, log }: Planting): Promise<PlantingFigures> {
  const random = randomFrom(seed);
  const kinds = Object.keys(plants);
  const first = Math.floor(random() * kinds.length);
  const faults: string[] = [];
  let found = 0;
  const server = await startInfluxd();
  for (let round = 0; round < rounds; round += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-planted-'));
    const databases = ['site_1', 'site_2'].map((name) => `r${round}_${name}`);
    const ground: Ground = {
      url: server.url,
      folder,
      root: join(folder, 'bucket'),
      databases,
      policies: ['rp_a', 'rp_b'],
      random,
    };
    const kind = kinds[(first + round) % kinds.length] as string;
    try {
      await createDatabases(ground);
      await writeBackup(ground);
      faults.push(...alarmsIn(await ask(ground)).map((alarm) => `round ${round}, healthy: ${alarm}`));
      const planted = await plants[kind]?.(ground);
      const answers = await ask(ground);
      if (planted?.isNamed(answers)) found += 1;
      else
        faults.push(
          `round ${round}, ${kind} not named: ${planted?.what}; ${alarmsIn(answers).join('; ') || 'no alarm'}`,
        );
    } finally {
      for (const database of databases) await query(server.url, '', `DROP DATABASE ${database}`);
      await rm(folder, { recursive: true });
    }
    if (round % 10 === 9) log(`planted ${round + 1}, found ${found}, faults ${faults.length}`);
  }
  await server.stop();
  return { planted: rounds, found, healthy: rounds, faults };
}
