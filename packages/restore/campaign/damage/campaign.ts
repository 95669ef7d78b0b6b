import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planRestore, restore, verify } from '@ceres/restore';
import { type Influxd, query, randomFrom, startInfluxd } from '@ceres/testkit';
import {
  type Content,
  contentAfter,
  databases,
  isWithin,
  makeBackup,
  type Range,
  spanS,
  startS,
  storageOf,
  type WholeFile,
} from './backup';
import { contentIn, difference } from './content';
import { type Effect, effectOf, type Strike, strike, summaryLie } from './strike';

export interface DamageOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface DamageResult {
  readonly strikes: number;
  /** The strikes that altered what a file says. */
  readonly damaged: number;
  /** The files that the restores named. */
  readonly named: number;
  readonly harmless: number;
  /** How often the server showed an acknowledged write only after a restart: each is a fault. */
  readonly hidden: number;
  /** Values that were never written or are missing, damaged files that were not named, and whole ones that were, as messages. */
  readonly faults: readonly string[];
}

const filesPerBackup = 50;
const strikesMax = 4;
/** How many rounds share a backup and a server. */
const roundsPerServer = 50;

/** Damages a backup again and again, restores it, and compares the database with what the undamaged files say. */
export async function strikeBackups({ rounds, seed, log }: DamageOptions): Promise<DamageResult> {
  const random = randomFrom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'ceres-damage-'));
  const campaign = new Campaign(folder, random);
  try {
    for (let round = 0; round < rounds && campaign.faults.length === 0; round += 1) {
      if (round % roundsPerServer === 0) await campaign.begin();
      await campaign.round(round);
      if (round % roundsPerServer === roundsPerServer - 1) log(`round ${round + 1}: ${campaign.line()}`);
    }
    return campaign;
  } finally {
    await campaign.end();
    await rm(folder, { recursive: true });
  }
}

/** A file that was struck. */
interface Struck {
  readonly file: WholeFile;
  readonly strike: Strike;
  readonly effect: Effect;
}

class Campaign implements DamageResult {
  strikes = 0;
  damaged = 0;
  named = 0;
  harmless = 0;
  hidden = 0;
  readonly faults: string[] = [];
  readonly #folder: string;
  readonly #random: () => number;
  #influxd: Influxd | undefined;
  #files: readonly WholeFile[] = [];

  constructor(folder: string, random: () => number) {
    this.#folder = folder;
    this.#random = random;
  }

  line(): string {
    return `strikes ${this.strikes}, damaged ${this.damaged}, named ${this.named}, harmless ${this.harmless}`;
  }

  /** Starts with another backup and an empty server. */
  async begin(): Promise<void> {
    await this.end();
    this.#influxd = await startInfluxd();
    this.#files = await makeBackup(filesPerBackup, this.#random);
  }

  async end(): Promise<void> {
    await this.#influxd?.stop();
    this.#influxd = undefined;
  }

  async round(round: number): Promise<void> {
    const url = this.#influxd?.url ?? '';
    const struck = this.#strikeSome();
    const bytes = new Map(this.#files.map(({ key, gz }) => [key, gz]));
    for (const { file, strike } of struck) bytes.set(file.key, strike.gz);
    const storage = storageOf(bytes);
    const range = this.#random() < 0.3 ? this.#someRange() : undefined;
    const mapDatabase = Object.fromEntries(databases.map((name) => [name, `r${round}_${name}`]));
    const selection = { storage, instance: 'src', ...range };

    const work = join(this.#folder, `${round}`);
    const { damagedFiles, files, lines, expired, rejected } = await restore(await planRestore(selection), {
      to: { url },
      journalFile: join(work, 'journal'),
      rejectsDir: join(work, 'rejects'),
      policies: { rp_a: { duration: 'INF', shardDuration: '1d' } },
      intoExisting: true,
      mapDatabase,
    });
    const named = new Set(damagedFiles.map(({ key }) => key ?? ''));
    this.named += named.size;
    const { findings } = await verify({ storage, instance: 'src', level: 'files' });
    const checked = new Set(findings.map(({ key }) => key ?? ''));
    const level = this.#random() < 0.5 ? 'counts' : 'content';
    const { outcome } = await verify({ ...selection, to: { url }, level, mapDatabase });
    const problems = [
      ...unnamed(struck, named, range),
      ...unnamed(struck, checked, undefined).map((problem) => `check: ${problem}`),
      ...falselyNamed(struck, named),
    ];
    // A summary that lies under a right checksum can skip its file in a range: nothing but the lines contradicts it.
    const liars = range === undefined ? [] : struck.filter(({ strike }) => strike.how === summaryLie);
    const skipped = new Set([...named, ...liars.map(({ file }) => file.key)]);
    const written = contentAfter(
      this.#files.filter(({ key }) => !skipped.has(key)),
      range,
    );
    const differing = difference(written, await contentIn(url, databases, `r${round}_`));
    const wrong = wrongVerdict(outcome, struck, named).map((problem) => `verify at level ${level}: ${problem}`);
    // Where the database differs, verify rightly says so.
    if (differing.length === 0) problems.push(...wrong);
    else problems.push(...(await this.#afterRestart(round, written, differing, { files, lines, expired, rejected })));
    for (const problem of problems) this.faults.push(`round ${round}: ${problem} (${describe(struck)})`);
    for (const name of Object.values(mapDatabase)) await query(url, '', `DROP DATABASE "${name}"`);
  }

  /**
   * Restarts the server and compares again. If several first writes reach a new shard at once, InfluxDB may acknowledge one that it
   * writes into its log and not into its cache: nothing shows it before a restart. A restore must not let that happen.
   */
  async #afterRestart(round: number, written: Content, before: readonly string[], report: object): Promise<string[]> {
    await this.#influxd?.kill();
    await this.#influxd?.restart();
    const after = difference(written, await contentIn(this.#influxd?.url ?? '', databases, `r${round}_`));
    if (after.length > 0) return [...before, 'the same after a restart of the server', JSON.stringify(report)];
    this.hidden += 1;
    return [...before, 'the server showed them after a restart'];
  }

  #strikeSome(): Struck[] {
    const struck = new Map<WholeFile, Struck>();
    for (let left = 1 + Math.floor(this.#random() * strikesMax); left > 0; left -= 1) {
      const file = this.#files[Math.floor(this.#random() * this.#files.length)] as WholeFile;
      const hit = strike(file, this.#random);
      const effect = effectOf(file, hit);
      if (effect === 'undetectable') continue;
      struck.set(file, { file, strike: hit, effect });
    }
    for (const { effect } of struck.values()) {
      this.strikes += 1;
      if (effect === 'damaged') this.damaged += 1;
      if (effect === 'harmless') this.harmless += 1;
    }
    return [...struck.values()];
  }

  #someRange(): Range {
    const from = startS + Math.floor(this.#random() * spanS);
    const until = from + 1 + Math.floor((this.#random() * spanS) / 2);
    return { from: BigInt(from) * 1_000_000_000n, until: BigInt(until) * 1_000_000_000n };
  }
}

/** A file without a line in the selected times may be skipped, if its header proves it. */
function unnamed(struck: readonly Struck[], named: ReadonlySet<string>, range: Range | undefined): string[] {
  const concerns = ({ writes }: WholeFile) => writes.some(({ time }) => isWithin(time, range));
  const mayHide = ({ how }: Strike) => range !== undefined && how === summaryLie;
  return struck
    .filter(
      ({ file, strike, effect }) => effect === 'damaged' && concerns(file) && !mayHide(strike) && !named.has(file.key),
    )
    .map(({ file }) => `${file.key} is damaged and was not named`);
}

/** A restore skips a damaged file that its header proves to be of other times. verify reads it, and may say so. */
function wrongVerdict(outcome: string, struck: readonly Struck[], named: ReadonlySet<string>): string[] {
  const isWhole = struck.every(({ effect }) => effect === 'harmless');
  const right = named.size > 0 ? ['INCOMPLETE'] : isWhole ? ['EQUAL'] : ['EQUAL', 'INCOMPLETE'];
  return right.includes(outcome) ? [] : [`${outcome} instead of ${right.join(' or ')}`];
}

function falselyNamed(struck: readonly Struck[], named: ReadonlySet<string>): string[] {
  const suspects = new Set(struck.filter(({ effect }) => effect !== 'harmless').map(({ file }) => file.key));
  return [...named].filter((key) => !suspects.has(key)).map((key) => `${key} is whole and was named`);
}

function describe(struck: readonly Struck[]): string {
  return struck.map(({ file, strike, effect }) => `${file.key} of ${file.origin}: ${strike.how}, ${effect}`).join('; ');
}
