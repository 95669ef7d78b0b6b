import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Influxd, query, randomFrom, startInfluxd } from '@ceres/testkit';
import { contentOf, differencesOf } from './spellings/content';
import { createDatabase, restoreByCeres, restoreByImport } from './spellings/restores';
import { writeAll } from './spellings/run-writer';
import { makeSchedule, type Schedule } from './spellings/schedule';

/** The sums over all rounds. */
interface Figures {
  writes: number;
  kills: number;
  alters: number;
  files: number;
  mixedFiles: number;
  points: number;
  differing: number;
}

/** The most differences of a round that are printed. */
const shownMax = 10;

/**
 * `--spellings N`: in each of N rounds, a service writes few points again and again, without naming a policy or with the name of one, while
 * the default policy changes and the service is killed. Its backup is restored by Ceres and by InfluxDB's own tool. Both must
 * give what the live database holds.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const [live, target] = await Promise.all([startInfluxd(), startInfluxd()]);
  const random = randomFrom(seed);
  const sums: Figures = { writes: 0, kills: 0, alters: 0, files: 0, mixedFiles: 0, points: 0, differing: 0 };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const schedule = makeSchedule(round, random);
      const problems = await runRound({ name: `round_${round}`, schedule, live, target, random }, sums);
      sums.differing += problems.length;
      for (const problem of problems.slice(0, shownMax)) console.log(`FAILED: round ${round}: ${problem}`);
      if (problems.length > 0) console.log(`round ${round}: ${JSON.stringify({ ...schedule, steps: undefined })}`);
      if ((round + 1) % 10 === 0) console.error(`${round + 1} rounds, ${sums.differing} differences`);
    }
  } finally {
    await Promise.all([live.stop(), target.stop()]);
  }
  const { writes, kills, alters, files, mixedFiles, points, differing } = sums;
  console.log(
    `spellings: rounds ${rounds}, writes ${writes}, kills ${kills}, changes of the default ${alters}, files ${files} (mixed ${mixedFiles}), points compared ${points}, points that differ ${differing} (seed ${seed})`,
  );
  return differing === 0;
}

interface Round {
  readonly name: string;
  readonly schedule: Schedule;
  readonly live: Influxd;
  readonly target: Influxd;
  readonly random: () => number;
}

async function runRound({ name: database, schedule, live, target, random }: Round, sums: Figures): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-spellings-'));
  const root = join(folder, 'backup');
  await mkdir(root);
  const into = `${database}_by_ceres`;
  try {
    await createDatabase(live.url, database, schedule.defaultPolicy);
    sums.kills += await writeAll(
      folder,
      { url: live.url, database, spoolDir: join(folder, 'spool'), root, schedule },
      random,
    );

    await createDatabase(target.url, database, schedule.defaultPolicy);
    // Where the files know everything, Ceres creates the database itself.
    if (schedule.steps[0]?.kind !== 'learn') await createDatabase(target.url, into, schedule.defaultPolicy);
    const settings = { url: target.url, root, folder, database, lanes: schedule.lanes };
    const problems = [...(await restoreByCeres(settings, into)), ...(await restoreByImport(settings))];

    const content = await contentOf(live.url, database);
    problems.push(...differencesOf(content, await contentOf(target.url, into), 'restored by Ceres'));
    problems.push(...differencesOf(content, await contentOf(target.url, database), 'imported by influx'));
    const files = (await readdir(root, { recursive: true })).filter((path) => path.endsWith('.gz'));
    sums.files += files.length;
    sums.mixedFiles += files.filter((path) => path.includes('/~mixed/')).length;
    sums.points += content.size;
    sums.writes += schedule.steps.filter(({ kind }) => kind === 'write').length;
    sums.alters += schedule.steps.filter(({ kind }) => kind === 'alter').length;
    return problems;
  } finally {
    await query(live.url, '', `DROP DATABASE ${database}`);
    for (const name of [database, into]) await query(target.url, '', `DROP DATABASE ${name}`);
    await rm(folder, { recursive: true });
  }
}
