import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { randomFrom } from '@ceres/testkit';
import { type LedgerAudit, recoverAndAudit } from './kill/recover-and-audit';
import { writtenOf } from './kill/writes';
import type { Written } from './model/written';

const child = fileURLToPath(new URL('kill/child.ts', import.meta.url));
/** More writes than a child has in progress when it dies: the next child does not use their numbers. */
const inProgressMax = 1_000;

/**
 * `npm run faults -- --kill N`: kills a process that writes at full speed into a real directory with SIGKILL at a random
 * moment, N times; each process starts with what the last one left. In the end the bucket must hold every acked write, and the heartbeats
 * name every file, and no other.
 */
export async function run(count: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'ceres-kill-'));
  try {
    const written: Written[] = [];
    for (let kill = 1; kill <= count; kill += 1) {
      const acked = await writeUntilKilled(directory, written.length, 5 + random() * 400);
      const last = Math.max(written.length - 1, ...acked);
      for (let id = written.length; id <= last + inProgressMax; id += 1) written.push(writtenOf(id));
      for (const id of acked) (written[id] as Written).acked = true;
      if (kill % 10 === 0)
        console.error(`${kill} kills, ${written.filter((write) => write.acked).length} writes acked`);
    }
    return report(count, seed, await recoverAndAudit(directory, written, false));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Resolves with the numbers of the writes that the child reported as acked. */
async function writeUntilKilled(directory: string, first: number, afterMs: number): Promise<number[]> {
  const writer = spawn(process.execPath, ['--import', 'tsx', child, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  writer.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  const closed = once(writer, 'close');
  await Promise.race([once(writer.stdout, 'data'), closed]);
  await pause(afterMs);
  if (writer.exitCode !== null)
    throw new Error(`The writing process ended by itself with exit code ${writer.exitCode}.`);
  writer.kill('SIGKILL');
  await closed;
  return output.split('\n').slice(0, -1).map(Number);
}

function report(count: number, seed: number, found: LedgerAudit): boolean {
  for (const violation of found.violations.slice(0, 20)) console.log(`FAILED: ${violation}`);
  console.log(`seed: ${seed}`);
  console.log(`kills: ${count}`);
  console.log(`lines acked: ${found.ackedLines}`);
  console.log(`lines lost: ${found.lostLines}`);
  console.log(`lines duplicated: ${found.duplicatedLines}`);
  console.log(`files stored: ${found.storedFiles}`);
  console.log(`files that the ledger lacks, or makes up: ${found.ledgerFaults}`);
  return found.violations.length === 0;
}
