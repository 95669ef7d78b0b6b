// `npm run fuzz:tsm -- --points 1000000 --seed 1` writes random columns of every type and reads them back: by our writer and our
// reader, by our writer and InfluxDB, by InfluxDB and our reader. It also flips bits and cuts files.
import { parseArgs } from 'node:util';
import { influxdAvailable, randomFrom, startInfluxd } from '@ceres/testkit';
import type { Outcome } from './fuzz/content';
import { damage } from './fuzz/damage';
import { roundTrip } from './fuzz/round-trip';
import { readFromServer, writeForServer } from './fuzz/server-legs';

/** The points of each of the three ways in a round. */
const ROUND_POINTS = 20_000;
/** Every flipped bit is another reading of the whole file. */
const DAMAGE_POINTS = 3_000;
/** The most renames of a flip that we accept: keys are this part of our files, and one bit in three of a key gives no other key. */
const RENAMES_MAX = 0.02;

const { values } = parseArgs({
  options: { points: { type: 'string', default: '60000' }, seed: { type: 'string', default: '1' } },
});
const points = wholeNumber('points', values.points);
const seed = wholeNumber('seed', values.seed);

const startedMs = Date.now();
const server = (await influxdAvailable()) ? await startInfluxd() : undefined;
const differences: string[] = [];
const flips = { flips: 0, noticed: 0, renames: 0 };
let done = 0;
try {
  for (let round = 0; done < points; round += 1) {
    const random = randomFrom(seed + round);
    const size = Math.max(100, Math.min(ROUND_POINTS, Math.ceil((points - done) / 3)));
    await count(roundTrip(random, size));
    if (server !== undefined) {
      await count(writeForServer(server, random, size, `ours_${round}`));
      await count(readFromServer(server, random, size, `theirs_${round}`));
    }
    const report = await damage(random, Math.min(DAMAGE_POINTS, size));
    differences.push(...report.differences);
    flips.flips += report.flips;
    flips.noticed += report.noticed;
    flips.renames += report.renames;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${points} points `);
  }
} finally {
  await server?.stop();
}

for (const difference of differences.slice(0, 50)) console.log(difference);
console.log(
  `seed ${seed}, InfluxDB ${server?.version ?? 'missing'}, ${((Date.now() - startedMs) / 1000).toFixed(0)} s`,
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
