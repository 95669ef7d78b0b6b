// `npm run fuzz:lineproto -- --lines 1000000 --seed 1` checks on generated lines that we accept what InfluxDB accepts, and read
// what it stores.
import { parseArgs } from 'node:util';
import { startInfluxd } from '@ceres/testkit';
import { fuzz } from './fuzz/campaign';
import { FuzzServer } from './fuzz/server';

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const lines = wholeNumber('lines', values.lines);
const seed = wholeNumber('seed', values.seed);

const influxd = await startInfluxd();
try {
  const startedMs = Date.now();
  const report = await fuzz({ server: new FuzzServer(influxd), lines, seed, onProgress });
  for (const difference of report.differences) console.log(difference);
  console.log(`seed ${report.seed}, InfluxDB ${influxd.version}, ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
  for (const [kind, count] of Object.entries(report.lines)) console.log(`${kind} lines: ${count}`);
  console.log(`batches: ${report.batches}`);
  console.log(
    `records accepted: ${report.accepted}, including those spelled so that InfluxDB may not find them: ${report.unreadable}`,
  );
  console.log(`records refused: ${report.refused}`);
  console.log(`lines refused and not sent, because they crash InfluxDB: ${report.deadly}`);
  console.log(`unexplained differences: ${report.differences.length}`);
  process.exitCode = report.differences.length === 0 ? 0 : 1;
} finally {
  await influxd.stop();
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  console.error(`Expected --${name} to be a whole number of at most 10 digits, got ${text}.`);
  process.exit(2);
}

function onProgress(done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${lines} lines `);
}
