import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '@ceres/testkit';
import { recoverAndAudit } from './kill/recover-and-audit';
import { writtenOf } from './kill/writes';
import type { Audit } from './model/oracle';
import type { Written } from './model/written';
import { Host, hostObstacle } from './takeover/host';

/** More writes than a sink has in progress when it is stopped: the next one does not use their numbers. */
const inProgressMax = 1_000;
/** What a sink waits at least before it displaces an owner that it cannot see: a watch of 8 s, and a lease of 2.5 s. */
const takeoverMsMin = 10_400;
/** Rounds mostly wait, so several run at once. */
const roundsAtOnce = 4;

/** What happens to the owner before another host wants its spool: it dies, stands still and wakes up after it was displaced, or goes on. */
const fates = ['killed', 'suspended', 'running'] as const;

interface Round {
  readonly fate: (typeof fates)[number];
  readonly afterMs: number;
  readonly wakesAfterMs: number;
}

/**
 * `npm run faults -- --takeover N --seed S`: lets a sink write on one host and another host take its spool over, N times, on a local file
 * system. The hosts are imitated by namespaces: each has a name, a boot and processes of its own. An owner that was killed or suspended must
 * be displaced after its lease was watched, one that runs must not; one that wakes up must stop; and the bucket must hold every acked line.
 */
export async function run(count: number, seed: number): Promise<boolean> {
  const obstacle = await hostObstacle();
  if (obstacle !== undefined) console.log(`SKIPPED: ${obstacle}`);
  const random = randomFrom(seed);
  const rounds: Round[] = Array.from({ length: obstacle === undefined ? count : 0 }, (_, n) => ({
    fate: fates[n % fates.length] as Round['fate'],
    afterMs: 5 + random() * 1_500,
    wakesAfterMs: random() * 1_000,
  }));
  const sums = { played: 0, ackedLines: 0, lostLines: 0, failures: 0 };
  const playNext = async (): Promise<void> => {
    for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
      sums.played += 1;
      try {
        const found = await play(round);
        sums.ackedLines += found.ackedLines;
        sums.lostLines += found.lostLines;
        for (const violation of found.violations.slice(0, 5)) throw new Error(violation);
      } catch (error) {
        sums.failures += 1;
        console.log(`FAILED: ${JSON.stringify(round)}: ${error instanceof Error ? error.stack : error}`);
      }
      if (sums.played % 10 === 0) console.error(`${sums.played} rounds`);
    }
  };
  await Promise.all(Array.from({ length: roundsAtOnce }, playNext));
  console.log(`seed: ${seed}`);
  console.log(`takeovers: ${sums.played}`);
  console.log(`lines acked: ${sums.ackedLines}`);
  console.log(`lines lost: ${sums.lostLines}`);
  return sums.failures === 0;
}

async function play({ fate, afterMs, wakesAfterMs }: Round): Promise<Audit> {
  const directory = await mkdtemp(join(tmpdir(), 'ceres-takeover-'));
  const hosts: Host[] = [];
  try {
    const owner = await Host.start('ingest-1', directory, 0);
    hosts.push(owner);
    await owner.acksMoreThan(0);
    await pause(afterMs);
    if (fate === 'killed') await owner.kill();
    if (fate === 'suspended') await owner.signal('SIGSTOP');

    const first = Math.max(...owner.acked) + inProgressMax;
    const startedMs = performance.now();
    const rival = await Host.start('ingest-2', directory, first);
    hosts.push(rival);
    await rival.acksMoreThan(0);
    const tookMs = performance.now() - startedMs;
    if (fate === 'running') {
      if (rival.endedBy !== 'SPOOL_LOCKED') throw new Error(`A rival of a live owner ended by ${rival.endedBy}.`);
      await owner.acksMoreThan(owner.acked.length + 20);
    } else {
      if (rival.hasEnded) throw new Error(`The spool was not taken over: ${rival.endedBy}.`);
      if (tookMs < takeoverMsMin) throw new Error(`The spool was taken over after ${tookMs} ms.`);
    }
    if (fate === 'suspended') {
      await pause(wakesAfterMs);
      await owner.signal('SIGCONT');
      await owner.ends();
      if (owner.endedBy !== 'SPOOL_LOCKED') throw new Error(`A displaced owner ended by ${owner.endedBy}.`);
    }
    for (const host of hosts) await host.kill();

    const acked = new Set([...owner.acked, ...rival.acked]);
    const written: Written[] = [];
    const last = Math.max(...acked) + inProgressMax;
    for (let id = 0; id <= last; id += 1) written.push({ ...writtenOf(id), acked: acked.has(id) });
    return await recoverAndAudit(directory, written, fate === 'suspended');
  } finally {
    for (const host of hosts) await host.kill();
    await rm(directory, { recursive: true });
  }
}
