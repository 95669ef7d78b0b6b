import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const linesPerFile = 3_000;
const files = 4;

describe.skipIf(!(await influxdAvailable()))('a restore whose server dies', () => {
  let folder: string;
  let server: Influxd;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-dies-'));
    server = await startInfluxd();
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    for (let file = 0; file < files; file += 1) {
      const points = Array.from({ length: linesPerFile }, (_, i) => ({
        measurement: 'm',
        tags: { file: String(file) },
        fields: { v: i },
        timestamp: 1_700_000_000n + BigInt(i),
      }));
      await sink.write({ instance, database: 'db' }, points);
      await sink.flush();
    }
    await sink.close();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Kills the server once some lines are stored, and starts it again once the command has said so. */
  async function restoreWhileItDies(mapped: string, isAway: (text: string) => boolean, ...more: string[]) {
    let killed: Promise<void> | undefined;
    let restarted: Promise<void> | undefined;
    const argv = [
      ...['restore', `file://${folder}/backup`, '--instance', instance, '--to', server.url, '--map-db', `db=${mapped}`],
      ...['--journal-file', join(folder, `${mapped}.journal`), '--rejects-dir', join(folder, 'rejects')],
      ...['--lanes', '2', '--rate', '4000', ...more],
    ];
    const outcome = await ceres(argv, undefined, {
      isTTY: more.length === 0,
      onOutput: (text) => {
        if (/[1-9][\d,]* lines|"lines":[1-9]/.test(text) && killed === undefined) killed = server.kill();
        if (isAway(text)) restarted ??= killed?.then(() => server.restart());
      },
    });
    await restarted;
    expect(restarted).toBeDefined();
    const [counted] = await query(server.url, mapped, 'SELECT COUNT(v) FROM m');
    expect(counted?.values[0]?.[1]).toBe(files * linesPerFile);
    return outcome;
  }

  it('says at once that it does not answer, and that it answers again', async () => {
    const { exitCode, stderr: wrapped } = await restoreWhileItDies('text', (text) => text.includes('does not answer:'));
    expect(exitCode).toBe(0);
    const stderr = wrapped.replaceAll('\n  ', ' '); // A terminal of 80 columns breaks the sentence.
    const { host } = new URL(server.url);
    expect(stderr.match(/^.*The server (\S+) does not answer: .+ Trying again for up to 10:00\.$/m)?.[1]).toBe(host);
    expect(stderr.match(/^.*The server (\S+) answers again, after \d+:\d\d\.$/m)?.[1]).toBe(host);
  });

  it('prints both as events with --json, and estimates the time left only from the rate after the return', async () => {
    const { exitCode, stdout } = await restoreWhileItDies('json', (text) => text.includes('"state":"away"'), '--json');
    expect(exitCode).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [away, back] = ['away', 'back'].map((state) => events.findIndex((event) => event.state === state));
    expect(events[away ?? -1]).toMatchObject({
      event: 'server',
      reason: expect.stringMatching(/./),
      patienceMs: 600_000,
    });
    expect(events[back ?? -1]).toMatchObject({ event: 'server', awayMs: expect.any(Number) });
    const during = events.slice((away ?? 0) + 1, back).filter(({ event }) => event === 'progress');
    for (const progress of during) expect(progress).not.toHaveProperty('etaMs');
    expect(events.slice(back).some(({ event, isServerAway }) => event === 'progress' && !isServerAway)).toBe(true);
    expect(events.at(-1)).toMatchObject({ event: 'report', lines: files * linesPerFile });
  });
});
