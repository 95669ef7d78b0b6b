import { killRestore } from './kill-restore/campaign';

/** The server is killed once for this many kills of the restore. */
const killsPerServerKill = 10;

/**
 * `--kill-native N` kills native restores N times at random moments, and influxd in between. The content must always be the same; beside
 * live writes, no acknowledged value may be lost or replaced.
 */
export async function run(count: number, seed: number): Promise<boolean> {
  const serverKills = Math.floor(count / killsPerServerKill);
  const log = (line: string) => console.error(line);
  const options = { kills: count, killsPerRestore: 3, serverKills, restores: 3, seed, native: true, lines: 20_000 };
  const { kills, restores, digests, losses, live, ...rest } = await killRestore({ ...options, log });
  for (const loss of losses) console.error(loss);
  const figures = `kills ${kills}, server kills ${rest.serverKills}, restores ${restores}, digests ${digests.length}`;
  console.log(`kill-native: ${figures}, points written beside it ${live}, losses ${losses.length} (seed ${seed})`);
  return losses.length === 0 && digests.length === 1 && kills >= count;
}
