import { killRestore } from './kill-restore/campaign';

/** One server kill for so many kills of the restore. */
const killsPerServerKill = 10;

/** `--kill-restore N`: N kills of a restore at random moments, and influxd killed in between; the content is always the same. */
export async function run(count: number, seed: number): Promise<boolean> {
  const serverKills = Math.floor(count / killsPerServerKill);
  const log = (line: string) => console.error(line);
  const { kills, restores, digests, losses, ...rest } = await killRestore({ kills: count, serverKills, seed, log });
  for (const loss of losses) console.error(loss);
  const figures = `kills ${kills}, server kills ${rest.serverKills}, restores ${restores}, digests ${digests.length}`;
  console.log(`kill-restore: ${figures}, losses ${losses.length} (seed ${seed}, content ${digests.join(' ')})`);
  return losses.length === 0 && digests.length === 1 && kills >= count;
}
