import { killRestore } from './kill-restore/campaign';

/** The server is killed once for this many kills of the restore. */
const killsPerServerKill = 10;

/** `--kill-restore N` kills restores N times at random moments, and influxd in between. The content must always be the same. */
export async function run(count: number, seed: number): Promise<boolean> {
  const serverKills = Math.floor(count / killsPerServerKill);
  const log = (line: string) => console.error(line);
  const { kills, restores, digests, losses, ...rest } = await killRestore({ kills: count, serverKills, seed, log });
  for (const loss of losses) console.error(loss);
  const figures = `kills ${kills}, server kills ${rest.serverKills}, restores ${restores}, digests ${digests.length}`;
  console.log(`kill-restore: ${figures}, losses ${losses.length} (seed ${seed}, content ${digests.join(' ')})`);
  return losses.length === 0 && digests.length === 1 && kills >= count;
}
