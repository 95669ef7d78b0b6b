import { killRestore } from './kill-restore/campaign';

/** The first restore runs undisturbed, then one at each number of lanes is killed three times. */
const restores = 5;
const killsPerRestore = 3;

/**
 * `--overwrite N` restores N lines that rewrite a tenth as many points, in files that span policies, days and orders of the
 * tags. It does so at 1, 2, 4 and 8 lanes, on a server that keeps answering `timeout`, while the restore is killed and
 * resumed. The last write of each value must remain.
 */
export async function run(lines: number, seed: number): Promise<boolean> {
  const kills = (restores - 1) * killsPerRestore;
  const log = (line: string) => console.error(line);
  const options = { kills, killsPerRestore, restores, pauses: true, seed, lines, log };
  const { digests, losses, timeouts, pauses, ...counts } = await killRestore(options);
  for (const loss of losses) console.error(loss);
  const figures = `restores ${counts.restores}, kills ${counts.kills}, pauses ${pauses}, timeouts ${timeouts}`;
  console.log(
    `overwrite: lines ${lines}, ${figures}, digests ${digests.length}, losses ${losses.length} (seed ${seed})`,
  );
  return losses.length === 0 && digests.length === 1;
}
