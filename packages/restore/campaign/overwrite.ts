import { killRestore } from './kill-restore/campaign';

/** Three kills of a restore at each number of lanes. */
const restores = 5;
const killsPerRestore = 3;

/**
 * `--overwrite N`: N lines that rewrite a tenth as many points, in files that span policies, days and orders of the tags,
 * restored at 1, 2, 4 and 8 lanes into a server that answers `timeout` again and again, and killed and resumed meanwhile: the last
 * write of each value is what remains.
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
