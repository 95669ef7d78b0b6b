import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Schedule } from './schedule';

/** What a writing process needs to know. */
export interface WriterSettings {
  readonly url: string;
  readonly database: string;
  readonly spoolDir: string;
  /** The folder of the backup. */
  readonly root: string;
  readonly schedule: Schedule;
}

const script = fileURLToPath(new URL('writer.ts', import.meta.url));
/** The longest time from a writer's first step to its kill. */
const killMsMax = 400;
/** What a killed writer had sent, the server applies within this time. */
const settleMs = 300;

/** Does all steps of a round. A writer that was killed is followed by another one, which begins with the first step that was not done. */
export async function writeAll(folder: string, settings: WriterSettings, random: () => number): Promise<number> {
  const file = join(folder, 'writer.json');
  await writeFile(file, JSON.stringify(settings));
  const done = new Set<number>();
  let kills = 0;
  for (let from = 0; ; from = firstNotDone(done)) {
    const killAfterMs = kills < settings.schedule.kills ? random() * killMsMax : undefined;
    const wasKilled = await runWriter([file, String(from)], done, killAfterMs);
    if (!wasKilled) return kills;
    kills += 1;
    await pause(settleMs);
  }
}

/** Resolves with `false` if the writer did all its steps. */
async function runWriter(
  args: readonly string[],
  done: Set<number>,
  killAfterMs: number | undefined,
): Promise<boolean> {
  const writer = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  writer.stdout.setEncoding('latin1').on('data', (text: string) => (output += text));
  writer.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = once(writer, 'close');
  if (killAfterMs !== undefined) {
    await Promise.race([once(writer.stdout, 'data'), closed]);
    await Promise.race([pause(killAfterMs), closed]);
    writer.kill('SIGKILL');
  }
  await closed;
  for (const step of output.split('\n').slice(0, -1)) done.add(Number(step));
  if (writer.exitCode === 0) return false;
  if (writer.signalCode === 'SIGKILL') return true;
  throw new Error(`The writing process ended with exit code ${writer.exitCode}: ${errors}`);
}

function firstNotDone(done: ReadonlySet<number>): number {
  let step = 0;
  while (done.has(step)) step += 1;
  return step;
}
