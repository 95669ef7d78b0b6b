import { type Influxd, randomFrom, startInfluxd } from '@ceres/testkit';
import { drillRound } from './drill/round';

/**
 * `--drill N`: N backups, each drilled three times. A drill under load must pass: sinks store files and overwrite points while it runs. One is killed at a random moment, every
 * fourth time together with the guard of its server: no process and no folder may be left, at the latest after the next drill. One is of a backup with one of nine faults: it
 * must fail, and name the fault.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const first = Math.floor(random() * 36);
  const sums = { passed: 0, inconclusive: 0, planted: 0, found: 0, killed: 0, left: 0 };
  const faults: string[] = [];
  const server: Influxd = await startInfluxd();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const figures = await drillRound(first + round, server.url, random);
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += figures[name];
      for (const fault of figures.faults) console.error(fault);
      faults.push(...figures.faults);
      if (round % 10 === 9) console.error(`${round + 1} rounds, ${JSON.stringify(sums)}`);
    }
  } finally {
    await server.stop();
  }
  const { passed, inconclusive, planted, found, killed, left } = sums;
  const figures = `healthy ${rounds}, passed ${passed}, inconclusive ${inconclusive}, planted ${planted}, found ${found}, killed ${killed}, left behind ${left}`;
  console.log(`drill: rounds ${rounds}, ${figures}, faults ${faults.length} (seed ${seed})`);
  return faults.length === 0 && passed === rounds && found === planted;
}
