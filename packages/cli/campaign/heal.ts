import { type Influxd, randomFrom, startInfluxd } from '@ceres/testkit';
import { type HealFigures, healRound } from './heal/round';

/**
 * `--heal N`: in each of N rounds, points go missing or get other values while a service writes others again and again, whose newest values are still in a
 * spool. A heal must make both sides equal, write nothing but what was damaged, and replace no newer value.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const sums: HealFigures = { damaged: 0, rewritten: 0, touched: 0, replaced: 0, overwrites: 0, unequal: 0 };
  const server: Influxd = await startInfluxd();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const figures = await healRound({ server, random, database: `round_${round}`, round });
      for (const name of Object.keys(sums) as (keyof HealFigures)[]) sums[name] += figures[name];
      if (round % 10 === 9) console.error(`${round + 1} rounds, ${JSON.stringify(sums)}`);
    }
  } finally {
    await server.stop();
  }
  const { damaged, rewritten, touched, replaced, overwrites, unequal } = sums;
  const ratio = rewritten / Math.max(1, damaged);
  console.log(
    `heal: rounds ${rounds}, damaged points ${damaged}, rewritten ${rewritten} (ratio ${ratio.toFixed(3)}), right points touched ${touched}, newer values replaced ${replaced}, overwrites beside ${overwrites}, rounds not equal ${unequal} (seed ${seed})`,
  );
  return ratio <= 1.05 && touched + replaced + unequal === 0;
}
