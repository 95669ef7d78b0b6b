import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { verify } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';
import { type Influxd, randomFrom, startInfluxd } from '@ceres/testkit';
import { contentOf, difference, digestOf, timeoutsOf } from './content';
import { LiveWriter } from './live-writer';
import { type Content, writeOverwrites } from './overwrites';

export interface KillRestoreOptions {
  /** How often restores are killed, at random moments. */
  readonly kills: number;
  /** The largest number of kills of one restore. Default: 10. */
  readonly killsPerRestore?: number;
  /** How often influxd is killed during a restore, and started again at once. Default: 0. */
  readonly serverKills?: number;
  /** Pauses influxd again and again for longer than its write timeout, so that it answers many writes with `timeout`. */
  readonly pauses?: boolean;
  /** Loads shards instead of sending lines; every third restore into a database that others write into. Default: false. */
  readonly native?: boolean;
  /** The smallest number of restores, which take turns at 1, 2, 4 and 8 lanes. Default: 1. */
  readonly restores?: number;
  readonly seed: number;
  /** The number of lines, which rewrite a tenth as many points. Default: 60,000. */
  readonly lines?: number;
  readonly log?: (line: string) => void;
}

export interface KillRestoreResult {
  readonly kills: number;
  readonly serverKills: number;
  readonly pauses: number;
  /** How many writes influxd answered with `timeout`, without those before it was killed. */
  readonly timeouts: number;
  /** How many points were written beside native restores. */
  readonly live: number;
  /** Restores that were killed and resumed until they ended. */
  readonly restores: number;
  /** The digest of each distinct content: one if nothing was lost. */
  readonly digests: readonly string[];
  /** What was lost, as messages. */
  readonly losses: readonly string[];
}

const child = fileURLToPath(new URL('./restore-child.mjs', import.meta.url));
const runsMax = 20;
const lanesTried = [1, 2, 4, 8];
/** The write timeout of a paused influxd: short, so that short pauses exceed it. */
const writeTimeoutMs = 100;
const pauseMsMax = 4 * writeTimeoutMs;
/** The longest time between two pauses. */
const runningMsMax = 1_500;

/** Kills restores at random moments and resumes them, each at another number of lanes, and compares the content they leave. */
export async function killRestore(options: KillRestoreOptions): Promise<KillRestoreResult> {
  const { kills, serverKills = 0, restores = 1, pauses = false, seed, lines = 60_000, log = () => undefined } = options;
  const { native = false } = options;
  const folder = await mkdtemp(join(tmpdir(), 'ceres-kill-restore-'));
  const coordinator = { 'write-timeout': pauses ? `${writeTimeoutMs}ms` : '2s' };
  const influxd = await startInfluxd({ settings: { coordinator } });
  try {
    const root = join(folder, 'backup');
    const storage = new LocalStorage(root);
    const expected = await writeOverwrites(storage, { instance: 'src', lines, points: lines / 10, files: 40, seed });
    const random = randomFrom(seed);
    const campaign = new Campaign({ influxd, root, folder, random, expected, pauses, native });
    while (campaign.kills < kills || campaign.serverKills < serverKills || campaign.restores < restores) {
      const killsLeft = Math.min(options.killsPerRestore ?? 10, kills - campaign.kills);
      await campaign.restoreOnce({ kills: killsLeft, serverKills: serverKills - campaign.serverKills });
      log(campaign.line());
      if (campaign.losses.length > 0) break;
    }
    return campaign;
  } finally {
    influxd.resume();
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
  readonly pauses: boolean;
  readonly native: boolean;
}

class Campaign implements KillRestoreResult {
  kills = 0;
  serverKills = 0;
  pauses = 0;
  timeouts = 0;
  live = 0;
  restores = 0;
  digests: string[] = [];
  losses: string[] = [];
  readonly #ground: Ground;
  /** How long an undisturbed restore takes: kills fall within this time. */
  #durationMs = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  line(): string {
    const disturbed = `kills ${this.kills}, server kills ${this.serverKills}, pauses ${this.pauses}, timeouts ${this.timeouts}`;
    return `restores ${this.restores}, ${disturbed}, digests ${this.digests.join(' ')}`;
  }

  /** Restores once and compares the content. The first restore is undisturbed. */
  async restoreOnce(disturb: { readonly kills: number; readonly serverKills: number }): Promise<void> {
    const name = `kill_${this.restores}`;
    const isFirst = this.restores === 0;
    const startedMs = Date.now();
    const ended = new AbortController();
    const pausing = this.#ground.pauses && !isFirst ? this.#pauseUntil(ended.signal) : undefined;
    const { influxd, expected, random, native } = this.#ground;
    const writer =
      native && this.restores % 3 === 2 ? await LiveWriter.start(influxd, name, expected, random) : undefined;
    try {
      await this.#restore(name, writer !== undefined, isFirst ? { kills: 0, serverKills: 0 } : disturb);
    } finally {
      ended.abort();
      await pausing;
    }
    if (isFirst) this.#durationMs = Date.now() - startedMs;
    this.restores += 1;
    if (writer === undefined) return await this.#compare(name);
    const losses = await writer.stop();
    this.live += writer.acked;
    this.losses.push(...losses(expected, await contentOf(influxd.url, name, 'rp')));
  }

  async #restore(
    name: string,
    fill: boolean,
    disturb: { readonly kills: number; readonly serverKills: number },
  ): Promise<void> {
    const { folder, root, influxd, random } = this.#ground;
    const lanes = lanesTried[this.restores % lanesTried.length];
    const settings = { root, url: influxd.url, database: name, workDir: join(folder, name), lanes };
    const native = this.#ground.native && { url: `tcp://127.0.0.1:${influxd.rpcPort}`, fill };
    for (let killed = 0; ; killed += 1) {
      const run = spawn(process.execPath, [child, JSON.stringify({ ...settings, native })], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = endOf(run);
      if (killed < disturb.kills) {
        if ((await Promise.race([ended, delay(random() * this.#durationMs, 'time')])) !== 'time') break;
        run.kill('SIGKILL');
        await ended;
        this.kills += 1;
        continue;
      }
      if (disturb.serverKills > 0) {
        if ((await Promise.race([ended, delay(random() * this.#durationMs, 'time')])) === 'time') {
          await influxd.kill();
          await influxd.restart();
          this.serverKills += 1;
        }
      }
      const problem = await ended;
      // If influxd is killed before the restore connects, the restore fails, and an operator runs it again.
      if (/SERVER_UNREACHABLE|SNAPSHOT_SERVICE/.test(problem) && killed < runsMax) continue;
      if (problem !== '') this.losses.push(problem);
      break;
    }
  }

  async #pauseUntil(ended: AbortSignal): Promise<void> {
    const { influxd, random } = this.#ground;
    while (!ended.aborted) {
      await delay(random() * runningMsMax);
      influxd.pause();
      this.pauses += 1;
      await delay(writeTimeoutMs + random() * (pauseMsMax - writeTimeoutMs));
      influxd.resume();
    }
  }

  async #compare(database: string): Promise<void> {
    const { influxd, root, expected } = this.#ground;
    this.timeouts = Math.max(this.timeouts, await timeoutsOf(influxd.url));
    const found = await contentOf(influxd.url, database, 'rp');
    const digest = digestOf(found);
    if (!this.digests.includes(digest)) this.digests.push(digest);
    this.losses.push(...difference(expected, found));
    const verdict = await verify({
      storage: new LocalStorage(root),
      instance: 'src',
      to: { url: influxd.url },
      level: 'content',
      mapDatabase: { source: database },
      mapRetentionPolicy: { rp_a: 'rp', rp_b: 'rp' },
    });
    if (!verdict.equal) this.losses.push(`verify: ${verdict.mismatches.length} mismatches in ${database}`);
  }
}

/** Returns what the restore printed on stderr, if it failed by itself. */
async function endOf(run: ReturnType<typeof spawn>): Promise<string> {
  let printed = '';
  run.stderr?.on('data', (text) => {
    printed += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    run.once('close', (...how) => resolve(how)),
  );
  return code === 0 || signal === 'SIGKILL' ? '' : `a restore ended with exit code ${code}: ${printed}`;
}
