import { randomFrom, startInfluxd } from '@ceres/testkit';
import { watchRound } from './watch/round';

/**
 * `--watch N`: N backups, each watched while all is well, and then with one of 20 faults. A server that restarts, a policy that expires, and an upload that is late must cause
 * no alarm; each fault must be found within one period, and `diagnose` must name it and what cures it.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const first = Math.floor(random() * 60);
  const sums = { planted: 0, found: 0, named: 0, runs: 0, alarms: 0 };
  const faults: string[] = [];
  const server = await startInfluxd();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const figures = await watchRound(first + round, server, random);
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += figures[name];
      for (const fault of figures.faults) console.error(`round ${round}: ${fault}`);
      faults.push(...figures.faults);
      if (round % 10 === 9) console.error(`${round + 1} rounds, ${JSON.stringify(sums)}`);
    }
  } finally {
    await server.stop();
  }
  const { planted, found, named, runs, alarms } = sums;
  console.log(
    `watch: rounds ${rounds}, planted ${planted}, found within one period ${found}, named by diagnose ${named}, healthy runs ${runs}, false alarms ${alarms}, faults ${faults.length} (seed ${seed})`,
  );
  return faults.length === 0 && found === planted && named === planted && alarms === 0;
}
