import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeFile } from '@ceres/lineproto';
import { planRestore, restore } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';
import { type Influxd, query, randomFrom, startInfluxd } from '@ceres/testkit';
import { contentOf, database, fillServer, teePoints } from './content';

const child = fileURLToPath(new URL('./seed-child.mjs', import.meta.url));
/** A seed may finish after this many kills. */
const killsPerSeed = 5;
/** About as many lines does the journal of a whole seed have: a name for each file, and a line for each shard. */
const journalLines = 80;

export interface Outcome {
  readonly kills: number;
  readonly seeds: number;
  /** The unfinished seeds that were restored from. */
  readonly unfinished: number;
  /** The number of different contents after a seed was finished and restored. */
  readonly digests: number;
  readonly faults: readonly string[];
}

interface Ground {
  readonly source: Influxd;
  readonly target: Influxd;
  readonly folder: string;
  readonly random: () => number;
  readonly faults: string[];
}

export async function killSeeds({ kills, seed }: { readonly kills: number; readonly seed: number }): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-kill-seed-'));
  const [source, target] = [await startInfluxd(), await startInfluxd()];
  const ground: Ground = { source, target, folder, random: randomFrom(seed), faults: [] };
  const digests = new Set<string>();
  let [killed, seeds, unfinished] = [0, 0, 0];
  try {
    await fillServer(source.url);
    while (killed < kills && ground.faults.length === 0) {
      const own = join(folder, String(seeds));
      await teePoints(join(own, 'backup'), join(own, 'spool'), source.url);
      for (let i = 0; i < killsPerSeed && killed < kills; i += 1) {
        if (!(await killOnce(ground, own))) break;
        killed += 1;
      }
      if (await checkUnfinished(ground, own)) unfinished += 1;
      digests.add(await finish(ground, own));
      seeds += 1;
      await rm(own, { recursive: true });
    }
  } finally {
    await source.stop();
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return { kills: killed, seeds, unfinished, digests: digests.size, faults: ground.faults };
}

function start({ source }: Ground, own: string) {
  const parameters = {
    root: join(own, 'backup'),
    source: `tcp://127.0.0.1:${source.rpcPort}`,
    workDir: join(own, 'work'),
  };
  return spawn(process.execPath, [child, JSON.stringify(parameters)], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Kills a seed once its journal has a random number of lines more, or a little later. Returns false if it had ended before. */
async function killOnce(ground: Ground, own: string): Promise<boolean> {
  const before = await linesOf(own);
  const until = before + 1 + Math.floor(ground.random() * Math.max(1, journalLines - before));
  const seeding = start(ground, own);
  const ended = once(seeding, 'exit');
  while (seeding.exitCode === null && (await linesOf(own)) < until) await delay(2);
  await delay(ground.random() * 10);
  const isKilled = seeding.exitCode === null && seeding.kill('SIGKILL');
  await ended;
  for await (const { key } of new LocalStorage(join(own, 'backup')).list('')) await checkWhole(ground, own, key);
  return isKilled;
}

async function linesOf(own: string): Promise<number> {
  const text = await readFile(join(own, 'work', 'journal'), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}

/** Every file that is listed is whole. */
async function checkWhole({ faults }: Ground, own: string, key: string): Promise<void> {
  if (key.startsWith('~')) return;
  const storage = new LocalStorage(join(own, 'backup'));
  const file = decodeFile(storage.get(key), { batchBytesMax: 1_000_000, batchLinesMax: 10_000 });
  for await (const _ of file);
  const { status } = await file.integrity;
  if (status !== 'sealed') faults.push(`${key} is ${status} after a kill`);
}

/** A restore of a seed that was killed says that it is unfinished, and brings back only what was teed. Returns false if the seed was finished, or had no file yet. */
async function checkUnfinished(ground: Ground, own: string): Promise<boolean> {
  const storage = new LocalStorage(join(own, 'backup'));
  const keys: string[] = [];
  for await (const { key } of storage.list('')) keys.push(key);
  if (keys.some((key) => key.startsWith('~seed/')) || !keys.some((key) => key.includes('/2000'))) return false;
  const { missing } = await restoreAll(ground, own, 'before');
  if (!missing.some((problem) => problem === 'unfinished-seed')) {
    ground.faults.push(`a restore of an unfinished seed named: ${missing.join(', ') || 'nothing'}`);
  }
  const { values } = await contentOf(ground.target.url);
  if (values !== 50) ground.faults.push(`an unfinished seed was restored: ${values} values instead of 50`);
  return true;
}

/** Lets the seed end, restores it, and returns the digest of the content. */
async function finish(ground: Ground, own: string): Promise<string> {
  const seeding = start(ground, own);
  let message = '';
  seeding.stderr.on('data', (text) => {
    message += text;
  });
  const [code] = await once(seeding, 'exit');
  if (code !== 0) ground.faults.push(`a seed that was resumed ended with ${code}: ${message.slice(0, 2_000)}`);
  const { missing } = await restoreAll(ground, own, 'after');
  if (missing.length > 0) ground.faults.push(`a restore of a finished seed named: ${missing.join(', ')}`);
  const [expected, found] = [await contentOf(ground.source.url), await contentOf(ground.target.url)];
  if (expected.digest !== found.digest) {
    ground.faults.push(
      `after a resumed seed ${found.values} values were restored, and ${expected.values} are in the database`,
    );
  }
  return found.digest;
}

async function restoreAll(
  { target }: Ground,
  own: string,
  name: string,
): Promise<{ readonly missing: readonly string[] }> {
  await query(target.url, '', `DROP DATABASE ${database}`);
  const plan = await planRestore({ storage: new LocalStorage(join(own, 'backup')), instance: 'src' });
  await restore(plan, {
    to: { url: target.url },
    journalFile: join(own, `${name}.journal`),
    rejectsDir: join(own, `${name}-rejects`),
    policies: { autogen: { duration: 'INF' } },
  });
  return { missing: plan.missing.map(({ problem }) => problem) };
}
