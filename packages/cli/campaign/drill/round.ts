import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { query } from '@ceres/testkit';
import { startLoad } from '../live/load';
import { createDatabases, type Ground, instance, writeBackup } from '../planted/write-backup';
import { faultKinds, plantFault } from './backup-faults';
import { leftIn, processesIn, startDrill } from './drill-process';

/** What one round has seen. */
export interface RoundFigures {
  readonly passed: number;
  readonly inconclusive: number;
  readonly planted: number;
  readonly found: number;
  readonly killed: number;
  readonly left: number;
  readonly faults: readonly string[];
}

const phases = ['ledgers', 'server', 'plan', 'restore', 'verify', 'remove'];
const signals = ['SIGKILL', 'SIGKILL with its guard', 'SIGINT', 'SIGTERM'] as const;

/** Makes a backup, and drills it: under load, killed, and with a fault. */
export async function drillRound(round: number, url: string, random: () => number): Promise<RoundFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-drill-round-'));
  const ground: Ground = {
    url,
    folder,
    root: join(folder, 'bucket'),
    databases: ['site_1', 'site_2'].map((name) => `r${round}_${name}`),
    policies: ['rp_a', 'rp_b'],
    random,
  };
  const one = new Round(round, ground, join(folder, 'work'));
  try {
    await mkdir(one.workDir);
    await createDatabases(ground);
    await writeBackup(ground);
    await one.kill();
    await one.drillUnderLoad();
    await one.drillWithFault();
    return one.figures();
  } finally {
    for (const database of ground.databases) await query(url, '', `DROP DATABASE ${database}`);
    await rm(folder, { recursive: true });
  }
}

class Round {
  readonly workDir: string;
  readonly #round: number;
  readonly #ground: Ground;
  readonly #faults: string[] = [];
  readonly #counts = { passed: 0, inconclusive: 0, planted: 0, found: 0, killed: 0, left: 0 };

  constructor(round: number, ground: Ground, workDir: string) {
    this.#round = round;
    this.#ground = ground;
    this.workDir = workDir;
  }

  figures(): RoundFigures {
    return { ...this.#counts, faults: this.#faults.map((fault) => `round ${this.#round}: ${fault}`) };
  }

  /** Ends a drill at a random moment, in one of four ways: nothing may be left, at the latest once the next one has run. */
  async kill(): Promise<void> {
    const { random, root } = this.#ground;
    const how = signals[this.#round % signals.length] as (typeof signals)[number];
    const running = startDrill({ root, workDir: this.workDir });
    await running.printed(phases[Math.floor(random() * phases.length)] as string);
    await pause(random() * 60);
    const isRunning = running.process.exitCode === null && running.process.signalCode === null;
    if (how === 'SIGKILL with its guard') await this.#killGuard(running.process);
    else running.process.kill(how);
    const { code, said, certificate } = await running.ended;
    if (isRunning) this.#counts.killed += 1;
    const isGood = !isRunning || certificate !== undefined || how.startsWith('SIGKILL') || code === 130;
    if (!isGood) this.#faults.push(`a drill ended with ${code} after ${how}: ${said.slice(-1_000)}`);
    if (how !== 'SIGKILL with its guard') await this.#expectNothing(`after ${how}`);
  }

  /** Kills both at once, so that nothing tidies up: the next drill must. */
  async #killGuard(drilling: ChildProcess): Promise<void> {
    const guards = (await processesIn(this.workDir)).filter(({ words }) => words.includes('sh'));
    for (const { pid } of guards) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has just ended
      }
    }
    drilling.kill('SIGKILL');
  }

  /** Drills while sinks write and store, and in every second round beside a process that takes a core. */
  async drillUnderLoad(): Promise<void> {
    const { random, root, folder, databases, policies } = this.#ground;
    const sink = await BackupSink.open({
      storage: new LocalStorage(root),
      spoolDir: join(folder, 'spool-live'),
      precision: 's',
      segmentBytesMax: 4_096,
      heartbeatMs: 300,
    });
    const hog = this.#round % 2 === 1 ? spawn(process.execPath, ['-e', 'for (;;);']) : undefined;
    const write = async (value: number) => {
      const database = databases[value % databases.length] as string;
      const retentionPolicy = policies[(value >> 1) % policies.length] as string;
      const lines = `cpu,host=live value=${value},text="${`${random()}`.repeat(9)}" ${1_700_000_000 + (value % 5_000)}\n`;
      await sink.write({ instance, database, retentionPolicy }, { lines, precision: 's' });
    };
    const load = startLoad(
      write,
      () => sink.flush(),
      () => 150 + random() * 500,
    );
    try {
      const sample = this.#round % 3 === 2 ? { sample: 1 + random() * 60 } : {};
      const route = this.#round % 5 === 4 ? ({ route: 'write' } as const) : {};
      const { certificate, code, said } = await startDrill({ root, workDir: this.workDir, ...sample, ...route }).ended;
      const { verdict, reasons = [] } = certificate ?? {};
      if (verdict === 'PASS') this.#counts.passed += 1;
      else
        this.#faults.push(
          `a healthy backup under load: ${verdict ?? `exit ${code}, ${said.slice(-1_000)}`}: ${reasons.join('; ')}`,
        );
      if (verdict === 'INCONCLUSIVE') this.#counts.inconclusive += 1;
    } finally {
      await load.stop();
      hog?.kill('SIGKILL');
      await sink.close();
    }
    await this.#expectNothing('after a drill under load');
  }

  async drillWithFault(): Promise<void> {
    const kind = faultKinds[this.#round % faultKinds.length] as string;
    const { name } = await plantFault(kind, this.#ground);
    this.#counts.planted += 1;
    const { certificate, code, said } = await startDrill({ root: this.#ground.root, workDir: this.workDir }).ended;
    const { verdict, reasons = [] } = certificate ?? {};
    const isNamed = reasons.some((reason) => reason.includes(name));
    if (verdict === 'FAIL' && isNamed) this.#counts.found += 1;
    else
      this.#faults.push(
        `${kind} (${name}): ${verdict ?? `exit ${code}, ${said.slice(-1_000)}`}: ${reasons.join('; ')}`,
      );
    await this.#expectNothing(`after a drill with ${kind}`);
  }

  async #expectNothing(when: string): Promise<void> {
    const left = await leftIn(this.workDir);
    if (left.length === 0) return;
    this.#counts.left += 1;
    this.#faults.push(`left ${when}: ${left.join(', ')}`);
    for (const name of await readdir(this.workDir))
      await rm(join(this.workDir, name), { recursive: true, force: true });
  }
}
