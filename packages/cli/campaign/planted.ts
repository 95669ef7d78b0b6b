import { plantDamage } from './planted/campaign';

/**
 * `--planted N` plants one of 14 kinds of damage into N backups or their databases, after the last heartbeat: the right command must name it,
 * with its place. N backups without damage must cause no alarm.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const log = (line: string) => console.error(line);
  const { planted, found, healthy, faults } = await plantDamage({ rounds, seed, log });
  for (const fault of faults) console.error(fault);
  const figures = `planted ${planted}, found ${found}, healthy ${healthy}, false alarms ${faults.length - (planted - found)}`;
  console.log(`planted: rounds ${rounds}, ${figures} (seed ${seed})`);
  return faults.length === 0;
}
