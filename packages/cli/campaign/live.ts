import { type Influxd, randomFrom, startInfluxd } from '@ceres/testkit';
import { type LiveFigures, liveRound } from './live/round';

/**
 * `--live N`: in each of N rounds, a database is lost, and restored while a service writes its points again and again through a tee; every second time
 * natively. The newest values are in a spool, and so is a whole file of another service that arrives while the restore runs. Once the load has stopped and the
 * sinks have stored the rest, no value may be stale.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const sums = { stale: 0, unequal: 0, healed: 0, writes: 0, retried: 0 };
  const latencies: { readonly lines: number[]; readonly native: number[] } = { lines: [], native: [] };
  const server: Influxd = await startInfluxd();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const isNative = round % 2 === 1;
      const figures: LiveFigures = await liveRound({ server, random, database: `live_${round}`, isNative });
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += figures[name];
      for (const ms of figures.latenciesMs) latencies[isNative ? 'native' : 'lines'].push(ms);
      if (round % 10 === 9) console.error(`${round + 1} rounds, ${JSON.stringify(sums)}`);
    }
  } finally {
    await server.stop();
  }
  const { stale, unequal, healed, writes, retried } = sums;
  const p99 = `p99 of live writes ${p99Of(latencies.lines)} ms beside lines, ${p99Of(latencies.native)} ms beside shards`;
  console.log(
    `live: rounds ${rounds}, stale values ${stale}, rounds not equal ${unequal}, live writes ${writes} (sent again ${retried}), values written back ${healed}, ${p99} (seed ${seed})`,
  );
  return stale + unequal === 0;
}

function p99Of(latenciesMs: readonly number[]): string {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)]?.toFixed(1) ?? '-';
}
