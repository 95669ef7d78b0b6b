import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { verify } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';
import { type Influxd, randomFrom, startInfluxd } from '@ceres/testkit';
import { contentOf, difference, digestOf } from './content';
import { type Content, writeOverwrites } from './overwrites';

export interface KillRestoreOptions {
  /** SIGKILLs, at random moments of the restore. */
  readonly kills: number;
  /** SIGKILLs of influxd in mid-restore; it is started again at once. Default 0. */
  readonly serverKills?: number;
  readonly seed: number;
  /** Default 60,000, which rewrite 6,000 points. */
  readonly lines?: number;
  readonly log?: (line: string) => void;
}

export interface KillRestoreResult {
  readonly kills: number;
  readonly serverKills: number;
  /** Restores that were killed and resumed until they ended. */
  readonly restores: number;
  /** One, if nothing was lost. */
  readonly digests: readonly string[];
  /** Empty, if nothing was lost. */
  readonly losses: readonly string[];
}

const child = fileURLToPath(new URL('./restore-child.mjs', import.meta.url));
const runsMax = 20;
const lanesTried = [1, 2, 4, 8];

/** Kills restores at random moments and resumes them, each at another number of lanes, and compares what each leaves. */
export async function killRestore(options: KillRestoreOptions): Promise<KillRestoreResult> {
  const { kills, serverKills = 0, seed, lines = 60_000, log = () => undefined } = options;
  const folder = await mkdtemp(join(tmpdir(), 'ceres-kill-restore-'));
  const influxd = await startInfluxd({ settings: { coordinator: { 'write-timeout': '2s' } } });
  try {
    const root = join(folder, 'backup');
    const storage = new LocalStorage(root);
    const expected = await writeOverwrites(storage, { instance: 'src', lines, points: lines / 10, files: 40, seed });
    const campaign = new Campaign({ influxd, root, folder, random: randomFrom(seed), expected });
    while (campaign.kills < kills || campaign.serverKills < serverKills || campaign.restores === 0) {
      await campaign.restoreOnce({ kills: kills - campaign.kills, serverKills: serverKills - campaign.serverKills });
      log(campaign.line());
      if (campaign.losses.length > 0) break;
    }
    return campaign;
  } finally {
    await influxd.stop();
    await rm(folder, { recursive: true });
  }
}

interface Ground {
  readonly influxd: Influxd;
  readonly root: string;
  readonly folder: string;
  readonly random: () => number;
  readonly expected: Content;
}

class Campaign implements KillRestoreResult {
  kills = 0;
  serverKills = 0;
  restores = 0;
  digests: string[] = [];
  losses: string[] = [];
  readonly #ground: Ground;
  /** Of a restore that nobody disturbs: kills fall within it. */
  #durationMs = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  line(): string {
    return `restores ${this.restores}, kills ${this.kills}, server kills ${this.serverKills}, digests ${this.digests.join(' ')}`;
  }

  async restoreOnce(left: { readonly kills: number; readonly serverKills: number }): Promise<void> {
    const { folder, root, influxd, random } = this.#ground;
    const name = `kill_${this.restores}`;
    const lanes = lanesTried[this.restores % lanesTried.length];
    const settings = { root, url: influxd.url, database: name, workDir: join(folder, name), lanes };
    const isFirst = this.restores === 0;
    const startedMs = Date.now();
    // The first goes undisturbed; then one restore is killed up to ten times.
    const killsMax = isFirst ? 0 : Math.min(10, left.kills);
    for (let killed = 0; ; killed += 1) {
      const run = spawn(process.execPath, [child, JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'pipe'] });
      const ended = endOf(run);
      if (killed < killsMax) {
        if ((await Promise.race([ended, delay(random() * this.#durationMs, 'time')])) !== 'time') break;
        run.kill('SIGKILL');
        await ended;
        this.kills += 1;
        continue;
      }
      if (!isFirst && left.serverKills > 0) {
        if ((await Promise.race([ended, delay(random() * this.#durationMs, 'time')])) === 'time') {
          await influxd.kill();
          await influxd.restart();
          this.serverKills += 1;
        }
      }
      const problem = await ended;
      // Killed before the restore had connected: it says so and ends, and an operator runs it again.
      if (problem.includes('TARGET_UNREACHABLE') && killed < runsMax) continue;
      if (problem !== '') this.losses.push(problem);
      break;
    }
    if (isFirst) this.#durationMs = Date.now() - startedMs;
    this.restores += 1;
    await this.#compare(name);
  }

  async #compare(database: string): Promise<void> {
    const { influxd, root, expected } = this.#ground;
    const found = await contentOf(influxd.url, database, 'rp');
    const digest = digestOf(found);
    if (!this.digests.includes(digest)) this.digests.push(digest);
    this.losses.push(...difference(expected, found));
    const verdict = await verify({
      ...{ storage: new LocalStorage(root), instance: 'src', target: { url: influxd.url }, level: 'content' },
      ...{ mapDatabase: { source: database }, mapRetentionPolicy: { rp_a: 'rp', rp_b: 'rp' } },
    });
    if (!verdict.equal) this.losses.push(`verify: ${verdict.mismatches.length} mismatches in ${database}`);
  }
}

/** @returns what it said on stderr, if it failed of itself */
async function endOf(run: ReturnType<typeof spawn>): Promise<string> {
  let said = '';
  run.stderr?.on('data', (text) => {
    said += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    run.once('close', (...how) => resolve(how)),
  );
  return code === 0 || signal === 'SIGKILL' ? '' : `a restore ended with exit code ${code}: ${said}`;
}
