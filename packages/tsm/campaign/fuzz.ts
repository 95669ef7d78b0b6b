// `npm run fuzz:tsm -- --points 1000000 --seed 1` writes random columns of every type and reads them back: by our writer and our
// reader, by our writer and InfluxDB, by InfluxDB and our reader. It also flips bits and cuts files.
import { parseArgs } from 'node:util';
import { type Influxd, influxdAvailable, randomFrom, startInfluxd } from '@ceres/testkit';
import type { Outcome } from './fuzz/content';
import { damage } from './fuzz/damage';
import { portableDamage } from './fuzz/portable-damage';
import { roundTrip } from './fuzz/round-trip';
import { influxdSettings, readFromServer, type ServerOptions, writeForServer } from './fuzz/server-legs';

/** The points of each of the three ways in a round. */
const ROUND_POINTS = 20_000;
/** Every flipped bit is another reading of the whole file. */
const DAMAGE_POINTS = 3_000;
/** Two of this number of rounds wait until the server has compacted our files, one for each index. */
const COMPACTION_ROUNDS = 8;
/** The most renames of a flip that we accept: keys are this part of our files, and one bit in three of a key gives no other key. */
const RENAMES_MAX = 0.02;

const { values } = parseArgs({
  options: { points: { type: 'string', default: '60000' }, seed: { type: 'string', default: '1' } },
});
const points = wholeNumber('points', values.points);
const seed = wholeNumber('seed', values.seed);

const startedMs = Date.now();
const hasInfluxd = await influxdAvailable();
/** One for each index: rounds take turns. */
const servers = new Map<ServerOptions['index'], Influxd>();
const differences: string[] = [];
const flips = { flips: 0, noticed: 0, renames: 0 };
let done = 0;
try {
  for (let round = 0; done < points; round += 1) {
    const random = randomFrom(seed + round);
    const size = Math.max(100, Math.min(ROUND_POINTS, Math.ceil((points - done) / 3)));
    await count(roundTrip(random, size));
    if (hasInfluxd) {
      const index = round % 2 === 0 ? 'inmem' : 'tsi1';
      const server = servers.get(index) ?? (await startInfluxd({ settings: influxdSettings(index) }));
      servers.set(index, server);
      const compacts = round % COMPACTION_ROUNDS >= COMPACTION_ROUNDS - 2;
      await count(writeForServer(server, random, size, { database: `ours_${round}`, index, compacts }));
      await count(readFromServer(server, random, size, `theirs_${round}`));
    }
    const damaged = Math.min(DAMAGE_POINTS, size);
    for (const report of [await damage(random, damaged), await portableDamage(random, damaged)]) {
      differences.push(...report.differences);
      flips.flips += report.flips;
      flips.noticed += report.noticed;
      flips.renames += report.renames;
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${points} points `);
  }
} finally {
  for (const server of servers.values()) await server.stop();
}

for (const difference of differences.slice(0, 50)) console.log(difference);
console.log(
  `seed ${seed}, InfluxDB ${[...servers.values()][0]?.version ?? 'missing'}, ${((Date.now() - startedMs) / 1000).toFixed(0)} s`,
);
console.log(`points: ${done}`);
const renamed = flips.renames / flips.flips;
console.log(
  `flipped bits: ${flips.flips}; refused: ${flips.noticed}; renames: ${flips.renames} (${(100 * renamed).toFixed(2)} %)`,
);
console.log(`differences: ${differences.length}`);
process.exitCode = differences.length === 0 && renamed <= RENAMES_MAX ? 0 : 1;

async function count(outcome: Promise<Outcome>): Promise<void> {
  const { points: tried, differences: found } = await outcome;
  done += tried;
  differences.push(...found);
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,9}$|^0$/.test(text)) return Number(text);
  console.error(`Expected --${name} to be a whole number of at most 10 digits, got ${text}.`);
  process.exit(2);
}
