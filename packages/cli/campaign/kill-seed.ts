import { killSeeds } from './kill-seed/campaign';

/**
 * `--kill-seed N` kills seeds N times at random moments. Before a seed is resumed, no half file is listed and a restore says that the seed is unfinished; after it,
 * the restored content is that of the database.
 */
export async function run(count: number, seed: number): Promise<boolean> {
  const { kills, seeds, unfinished, digests, faults } = await killSeeds({ kills: count, seed });
  for (const fault of faults) console.error(fault);
  const figures = `kills ${kills}, seeds ${seeds}, unfinished ones restored ${unfinished}, digests ${digests}`;
  console.log(`kill-seed: ${figures}, faults ${faults.length} (seed ${seed})`);
  return faults.length === 0 && digests === 1 && kills >= count;
}
