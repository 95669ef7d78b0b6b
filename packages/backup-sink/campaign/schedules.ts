import * as fc from 'fast-check';
import { schedules } from './model/commands';
import { type Outcome, World } from './model/world';

const patienceMs = 60_000;

/** `npm run faults -- --schedules N --seed S`: runs random schedules against the model of test/model.test.ts. */
export async function run(count: number, seed: number): Promise<boolean> {
  const startedMs = Date.now();
  const sums = { crashes: 0, faults: 0, ackedLines: 0, lostLines: 0, duplicatedLines: 0 };
  let done = 0;
  let hasFailed = false; // after that, fast-check only searches for a smaller schedule
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const outcome = await withinPatience(World.run(schedule));
    if (!hasFailed) add(sums, outcome);
    hasFailed ||= outcome.violations.length > 0;
    if (outcome.violations.length > 0) throw new Error(outcome.violations.join('\n'));
    done += 1;
    if (done % 500 === 0) console.error(`${done} schedules, ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: count, seed: seed | 0 });
  if (failed) console.log(`FAILED: ${String(errorInstance)}\nsmallest schedule: ${fc.stringify(counterexample)}`);
  console.log(`seed: ${seed}`);
  console.log(`schedules run: ${done}`);
  console.log(`crashes: ${sums.crashes}`);
  console.log(`faults injected: ${sums.faults}`);
  console.log(`lines acked: ${sums.ackedLines}`);
  console.log(`lines lost: ${sums.lostLines}`);
  console.log(`lines duplicated: ${sums.duplicatedLines}`);
  return !failed;
}

/** Fails if a schedule hangs: a sink that waits forever is a fault, too. */
async function withinPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The schedule did not end within ${patienceMs} ms.`)), patienceMs);
  });
  return await Promise.race([work, tooLong]).finally(() => clearTimeout(timer));
}

function add(sums: { -readonly [K in Exclude<keyof Outcome, 'violations'>]: number }, outcome: Outcome): void {
  for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += outcome[key];
}
