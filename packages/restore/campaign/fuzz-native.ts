// `npm run fuzz:native -- --lines 200000 --seed 1` restores generated and hostile lines twice, by lines through one lane and natively, into two
// servers. Content, rejected records and counts must be equal.
import { parseArgs } from 'node:util';
import { type Influxd, influxdAvailable, startInfluxd } from '@ceres/testkit';
import { compareRound } from './fuzz-native/round';

/** The lines of a round. */
const ROUND_LINES = 3_000;

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const lines = wholeNumber('lines', values.lines);
const seed = wholeNumber('seed', values.seed);
const startedMs = Date.now();
const totals = { lines: 0, stored: 0, rejected: 0, expired: 0, values: 0 };
const differences: string[] = [];

if (await influxdAvailable()) {
  const servers: Influxd[] = [];
  try {
    for (const index of ['inmem', 'tsi1', 'inmem', 'tsi1']) {
      servers.push(await startInfluxd({ settings: { data: { 'index-version': index } } }));
    }
    for (let round = 0; totals.lines < lines; round += 1) {
      const pair = servers.slice(2 * (round % 2), 2 * (round % 2) + 2) as [Influxd, Influxd];
      const size = Math.min(ROUND_LINES, lines - totals.lines);
      const found = await compareRound(pair, size, seed * 100_000 + round).catch((cause: unknown) => {
        throw new Error(`Round ${round} of seed ${seed} failed.`, { cause });
      });
      for (const name of ['stored', 'rejected', 'expired', 'values'] as const) totals[name] += found[name];
      totals.lines += size;
      differences.push(...found.differences);
      if (process.stderr.isTTY) process.stderr.write(`\r${totals.lines} of ${lines} lines `);
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}

for (const difference of differences.slice(0, 50)) console.log(difference);
console.log(`seed ${seed}, ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
const { stored, rejected, expired } = totals;
console.log(
  `lines: ${totals.lines}; stored: ${stored}; rejected: ${rejected}; expired: ${expired}; values: ${totals.values}`,
);
console.log(`differences: ${differences.length}`);
process.exitCode = differences.length === 0 ? 0 : 1;

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$|^0$/.test(text)) return Number(text);
  console.error(`Expected --${name} to be a whole number of at most 9 digits, got ${text}.`);
  process.exit(2);
}
