import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BackupSink } from '@ceres/backup-sink';
import { LocalStorage, readObject } from '@ceres/storage';
import { randomFrom } from '@ceres/testkit';
import { writtenOf } from './kill/writes';
import { type Judgement, judge } from './model/oracle';
import type { Written } from './model/written';

const child = fileURLToPath(new URL('kill/child.ts', import.meta.url));
/** More writes than a child has in hand when it dies: their numbers are not given to the next. */
const inHandMax = 1_000;

/**
 * `npm run faults -- --kill N`: a process that writes at full speed into a real directory is killed with SIGKILL at a random
 * moment, N times, each time beginning with what the last one left. In the end the bucket must hold all it had acked.
 */
export async function run(count: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'ceres-kill-'));
  try {
    const written: Written[] = [];
    for (let kill = 1; kill <= count; kill += 1) {
      const acked = await writeUntilKilled(directory, written.length, 5 + random() * 400);
      const last = Math.max(written.length - 1, ...acked);
      for (let id = written.length; id <= last + inHandMax; id += 1) written.push(writtenOf(id));
      for (const id of acked) (written[id] as Written).acked = true;
      if (kill % 10 === 0)
        console.error(`${kill} kills, ${written.filter((write) => write.acked).length} writes acked`);
    }
    return report(count, seed, await recoverAndJudge(directory, written));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The numbers of the writes that the child reported as acked. */
async function writeUntilKilled(directory: string, first: number, afterMs: number): Promise<number[]> {
  const process_ = spawn(process.execPath, ['--import', 'tsx', child, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  process_.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  const closed = once(process_, 'close');
  await Promise.race([once(process_.stdout, 'data'), closed]);
  await pause(afterMs);
  if (process_.exitCode !== null) throw new Error(`The writing process ended by itself, with ${process_.exitCode}.`);
  process_.kill('SIGKILL');
  await closed;
  return output.split('\n').slice(0, -1).map(Number);
}

async function recoverAndJudge(directory: string, written: readonly Written[]): Promise<Judgement> {
  const storage = new LocalStorage(join(directory, 'bucket'));
  const sink = await BackupSink.open({ storage, spoolDir: join(directory, 'spool'), precision: 'ns' });
  await sink.flush();
  await sink.close();
  const objects = new Map<string, Buffer>();
  for await (const { key } of storage.list('')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readObject(storage, key)) chunks.push(chunk);
    objects.set(key, Buffer.concat(chunks));
  }
  return await judge(objects, written, false);
}

function report(count: number, seed: number, judgement: Judgement): boolean {
  for (const violation of judgement.violations.slice(0, 20)) console.log(`FAILED: ${violation}`);
  console.log(`seed: ${seed}`);
  console.log(`kills: ${count}`);
  console.log(`lines acked: ${judgement.ackedLines}`);
  console.log(`lines lost: ${judgement.lostLines}`);
  console.log(`lines duplicated: ${judgement.duplicatedLines}`);
  return judgement.violations.length === 0;
}
