import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, forecastRestore } from '@ceres/drill';
import { median, report } from '@ceres/testkit';
import { drillOnce, restoreAndVerify } from './drill/contestants';
import { makeBackup } from './drill/data';

/** The lines of the backup; the published figures use two million. */
const lines = Number(process.env.CERES_BENCH_LINES ?? 2_000_000);
const rounds = Number(process.env.CERES_BENCH_ROUNDS ?? 5);
const series = 20_000;
const bench = 'drill';

/** Drills 10, 50 and 100 percent of a backup in turns, and does by hand what a drill does. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-drill-'));
  try {
    const backup = await makeBackup(folder, lines, series);
    const seconds: Record<'whole' | 'sample' | 'byHand', number[]> = {
      whole: [],
      sample: [],
      byHand: [],
    };
    const errors: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [tenth, half] = [await drillOnce(backup, 10), await drillOnce(backup, 50)];
      const byHand = await restoreAndVerify(backup, folder);
      const whole = await drillOnce(backup, 100);
      const sample = await drillOnce(backup, 5);
      errors.push(errorOf([tenth.certificate, half.certificate], whole.certificate));
      seconds.byHand.push(byHand);
      seconds.whole.push(whole.seconds);
      seconds.sample.push(sample.seconds);
    }
    report({ bench, case: 'forecast-error-percent', unit: '%', ours: median(errors) });
    compared(
      'drill-vs-restore-and-verify',
      seconds.whole,
      'influxd started, the backup restored and verified by hand',
      seconds.byHand,
    );
    compared('sample-vs-whole', seconds.sample, 'a drill of everything', seconds.whole);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns by how much a forecast from two drills of parts misses the time that the restore of everything took, in percent. */
function errorOf(drills: readonly Certificate[], whole: Certificate): number {
  const forecast = forecastRestore({
    certificates: drills,
    route: 'native',
    bytes: whole.whole.bytes,
    lines: whole.whole.lines,
  });
  const { seconds } = whole.recovery;
  if ('withheld' in forecast || seconds === null) throw new Error(`no forecast: ${JSON.stringify(forecast)}`);
  console.error(
    `forecast ${forecast.seconds} s, measured ${seconds} s, from ${drills.map((one) => `${one.restored.lines} lines in ${one.recovery.seconds} s`).join(' and ')}`,
  );
  return (100 * Math.abs(forecast.seconds - seconds)) / seconds;
}

function compared(name: string, mine: readonly number[], peer: string, theirs: readonly number[]): void {
  const rounded = (value: number) => Math.round(value * 1e3) / 1e3;
  const [a, b] = [median(mine), median(theirs)];
  const figure = { bench, case: name, unit: 's', ours: rounded(a), peer, theirs: rounded(b), ratio: rounded(a / b) };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}
