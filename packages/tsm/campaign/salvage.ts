import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { influxdAvailable, randomFrom } from '@ceres/testkit';
import { directoryOf, unpackFixture } from './salvage/directories';
import { type RoundReport, round } from './salvage/round';
import { strike } from './salvage/strike';
import { readTruth, type Truth } from './salvage/truth';

/** The most strikes that may rename a series or a field unnoticed. */
const RENAMES_MAX = 0.001;

/**
 * `--salvage N` flips bits in data directories and cuts their files, N times, and reads what is left. Every value that comes out must have been in, under
 * its own series and field; no readable block with a surviving entry may be left behind; and each loss must be named.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'ceres-salvage-'));
  const total = { points: 0, rescued: 0, doubtful: 0, renames: 0, altered: 0, returned: 0, losses: 0 };
  const faults: string[] = [];
  let renamingStrikes = 0;
  let alteringStrikes = 0;
  try {
    const makers = [
      (path: string) => unpackFixture('data-1.6.7-inmem.tar.gz', path),
      ...((await influxdAvailable()) ? [(path: string) => directoryOf(path, random)] : []),
      (path: string) => unpackFixture('data-1.12.4-tsi1.tar.gz', path),
    ];
    const directories: { readonly root: string; readonly truth: Truth }[] = [];
    for (let i = 0; i < rounds; i += 1) {
      const which = i % makers.length;
      const directory = directories[which] ?? (await prepare(makers[which], join(folder, String(which))));
      directories[which] = directory;
      const struck = await strike(directory.root, directory.truth, random);
      try {
        const report = await round(directory.root, directory.truth, struck);
        add(total, report);
        faults.push(...report.faults);
        if (report.altered > 0) alteringStrikes += 1;
        if (report.renames === 0) continue;
        renamingStrikes += 1;
        console.log(`renamed: ${struck.kind} of ${struck.path} at ${struck.at}: ${report.renames} values`);
      } finally {
        await struck.undo();
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  for (const fault of faults.slice(0, 50)) console.error(fault);
  const share = ((100 * total.rescued) / Math.max(1, total.points)).toFixed(1);
  console.log(
    `salvage: strikes ${rounds}, values in the shards that were struck ${total.points}, rescued ${total.rescued} (${share} %), doubtful ${total.doubtful}, losses named ${total.losses}`,
  );
  console.log(
    `salvage: renaming strikes ${renamingStrikes}, strikes on a WAL that altered values unnoticed ${alteringStrikes} (${total.altered} values), deleted values that came back ${total.returned}, faults ${faults.length} (seed ${seed})`,
  );
  return faults.length === 0 && renamingStrikes <= RENAMES_MAX * rounds;
}

async function prepare(
  make: ((path: string) => Promise<string>) | undefined,
  path: string,
): Promise<{ readonly root: string; readonly truth: Truth }> {
  if (make === undefined) throw new Error('There is no data directory to strike.');
  const root = await make(path);
  return { root, truth: await readTruth(root) };
}

function add(total: Record<string, number>, { losses, ...report }: RoundReport): void {
  total.losses = (total.losses ?? 0) + losses.length;
  for (const name of ['points', 'rescued', 'doubtful', 'renames', 'altered', 'returned'] as const)
    total[name] = (total[name] ?? 0) + report[name];
}
