import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planRestore, restore, type Verdict } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';
import { type Influxd, query, randomFrom, startInfluxd, writeRaw } from '@ceres/testkit';
import { database, type KnownPoint, measurement, writePoints } from './points';

export interface AlteredValueOptions {
  readonly points: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface AlteredValueResult {
  /** verify named the altered value by measurement, field and time, and no other value. */
  readonly found: boolean;
  readonly pointsPerSecond: number;
  /** The peak memory of the process that verified. */
  readonly rssMb: number;
  /** The length of the stretch of time that verify named. */
  readonly slice: string;
}

const child = fileURLToPath(new URL('./verify-child.mjs', import.meta.url));

/** Restores points, alters one value in the database, and lets verify find it. */
export async function findAlteredValue({ points, seed, log }: AlteredValueOptions): Promise<AlteredValueResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-altered-value-'));
  const influxd = await startInfluxd();
  try {
    const root = join(folder, 'backup');
    const storage = new LocalStorage(root);
    const altered = await writePoints(storage, { points, random: randomFrom(seed) });
    log(`wrote a backup of ${points} points`);
    const plan = await planRestore({ storage, instance: 'src' });
    const { lines } = await restore(plan, {
      to: { url: influxd.url },
      journalFile: join(folder, 'journal'),
      rejectsDir: join(folder, 'rejects'),
    });
    if (lines !== points) throw new Error(`Expected ${points} points to be restored, got ${lines}.`);
    log(`restored it; now altering v of ${altered.series} at ${altered.timeS} to the next float`);
    await alter(influxd, altered);
    const { verdict, seconds, rssMb } = await verifyInChild(root, influxd.url, folder);
    for (const mismatch of verdict.mismatches) log(JSON.stringify(mismatch));
    const [only] = verdict.mismatches;
    const from = BigInt(only?.from ?? 0) / 1_000_000_000n;
    const until = BigInt(only?.until ?? 0) / 1_000_000_000n;
    return {
      found:
        verdict.points === points &&
        verdict.mismatches.length === 1 &&
        only?.measurement === measurement &&
        only.fields.join() === 'v' &&
        from <= BigInt(altered.timeS) &&
        BigInt(altered.timeS) < until,
      pointsPerSecond: Math.round(points / seconds),
      rssMb: Math.round(rssMb),
      slice: `${until - from} s`,
    };
  } finally {
    await influxd.stop();
    await rm(folder, { recursive: true });
  }
}

/** Alters a value to the next float, which differs from it only in its last digits. */
async function alter({ url }: Influxd, { series, timeS, value }: KnownPoint): Promise<void> {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0] = (bits[0] ?? 0n) + 1n;
  const [next] = new Float64Array(bits.buffer);
  await writeRaw(url, database, `${series} v=${next} ${timeS}000000000`);
  const [row] = await query(url, database, `SELECT v FROM ${measurement} WHERE time = ${timeS}s AND v = ${next}`);
  if (row === undefined) throw new Error(`The server did not store the altered v of ${series}.`);
}

/** A verdict as the child prints it: JSON has no `bigint`. */
type PrintedVerdict = Omit<Verdict, 'mismatches'> & {
  readonly mismatches: readonly {
    readonly measurement: string;
    readonly fields: readonly string[];
    readonly from: string;
    readonly until: string;
  }[];
};

/** Verifies in a process of its own, so that its memory can be measured. */
async function verifyInChild(root: string, url: string, scratchDir: string) {
  const run = spawn(process.execPath, [child, root, url, scratchDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  run.stdout.on('data', (text) => {
    output += text;
  });
  const [code] = await once(run, 'close');
  if (code !== 0) throw new Error(`verify exited with code ${code}.`);
  return JSON.parse(output) as { verdict: PrintedVerdict; seconds: number; rssMb: number };
}
