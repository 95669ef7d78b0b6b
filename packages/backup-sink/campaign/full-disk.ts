import { inspect } from 'node:util';
import { type DiskKind, mountObstacle, randomFrom } from '@ceres/testkit';
import { Hang, play, randomRound } from './full-disk/round';

/**
 * `npm run faults -- --full-disk N --seed S`: lets a process write onto a small real file system (tmpfs, and ext4 on a loop device), and
 * takes the room away at random moments. The process is killed, and another sink opens the full disk and drains it; or it must store
 * everything itself, with or without room. Every acked line must be in the bucket after each of the N rounds, and nothing may hang.
 */
export async function run(count: number, seed: number): Promise<boolean> {
  const kinds = await mountableKinds();
  const random = randomFrom(seed);
  const sums = { rounds: 0, kills: 0, ackedLines: 0, lostLines: 0, duplicatedLines: 0, hangs: 0, failures: 0 };
  const startedMs = Date.now();
  for (let n = 1; n <= count && kinds.length > 0; n += 1) {
    const round = randomRound(random, kinds);
    sums.rounds += 1;
    if (round.ending === 'kill') sums.kills += 1;
    try {
      const found = await play(round);
      sums.ackedLines += found.ackedLines;
      sums.lostLines += found.lostLines;
      sums.duplicatedLines += found.duplicatedLines;
      sums.failures += found.violations.length;
      for (const violation of found.violations.slice(0, 5)) fail(n, round, violation);
    } catch (error) {
      if (error instanceof Hang) sums.hangs += 1;
      sums.failures += 1;
      fail(n, round, error);
    }
    if (n % 10 === 0) console.error(`${n} rounds, ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
  }
  console.log(`seed: ${seed}`);
  console.log(`file systems: ${kinds.join(', ') || 'none: SKIPPED'}`);
  console.log(`rounds: ${sums.rounds}`);
  console.log(`kills on a full disk: ${sums.kills}`);
  console.log(`lines acked: ${sums.ackedLines}`);
  console.log(`lines lost: ${sums.lostLines}`);
  console.log(`lines duplicated: ${sums.duplicatedLines}`);
  console.log(`hangs: ${sums.hangs}`);
  return sums.failures === 0;
}

async function mountableKinds(): Promise<DiskKind[]> {
  const kinds: DiskKind[] = [];
  for (const kind of ['tmpfs', 'ext4'] as const) if ((await mountObstacle(kind)) === undefined) kinds.push(kind);
  return kinds;
}

function fail(n: number, round: unknown, what: unknown): void {
  const text = what instanceof Error ? (what.stack ?? what.message) : String(what);
  console.log(`FAILED: round ${n}, ${inspect(round, { breakLength: Infinity })}: ${text}`);
}
