import { join } from 'node:path';
import { systemClock } from '@ceres/internal';
import { query, writeRaw } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import type { WatchEvent, WatchReport } from '../../src/watch/types';
import { watch } from '../../src/watch/watch';
import { backupOf, putFiles } from '../support/backup';
import { describeOnInfluxd } from '../support/ground';
import { startReadRelay } from '../support/read-relay';

const hourMs = 3_600_000;
/** The runs of one period: one an hour. */
const runs = 4;

describeOnInfluxd('through the snapshot service, a watch', (ground) => {
  /** Makes a database with a shard for each of four days long ago, and one of today that takes writes; and a watch that runs once an hour. */
  async function watched() {
    const { influxd, database } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}" WITH SHARD DURATION 1d`);
    const beganMs = Date.now();
    const lineAt = (ms: number, value = 1) => `m,t=a v=${value} ${Math.floor(ms / 1_000)}\n`;
    const daysMs = [5, 4, 3, 2].map((n) => beganMs - n * 24 * hourMs);
    const files = daysMs.map((openedMs) => ({ database, openedMs, lines: lineAt(openedMs) }));
    const storage = await backupOf(...files);
    const write = async (lines: string) => await writeRaw(influxd.url, database, lines, { precision: 's' });
    for (const { lines } of files) await write(lines);
    const relay = await startReadRelay(influxd.rpcPort, (archive) => archive);
    onTestFinished(() => relay.close());
    const events: WatchEvent[] = [];
    let hours = 0;
    const options = {
      storage,
      instance: 'src',
      to: { url: influxd.url },
      databases: [database],
      snapshot: relay.url,
      stateFile: join(ground.workspace.folder, 'watch.json'),
      accept: ['no-ledger/src'],
      clock: { ...systemClock, now: () => beganMs + hours * hourMs },
      periodMs: runs * hourMs,
      waitMs: 0,
      onEvent: (event: WatchEvent) => events.push(event),
    };
    const runAfterAnHour = async (): Promise<WatchReport> => {
      hours += 1;
      const openedMs = beganMs + hours * 1_000;
      await write(lineAt(openedMs));
      await putFiles(storage, [{ database, openedMs, lines: lineAt(openedMs) }]);
      return await watch(options);
    };
    const damage = async () => await write(lineAt(daysMs[1] as number, -1));
    const shards = (await query(influxd.url, '', 'SHOW SHARDS')).flatMap(({ name, values }) =>
      name === database ? values.map(([id]) => Number(id)) : [],
    );
    return { runAfterAnHour, damage, asked: relay.asked, events, cold: shards };
  }

  it('asks for each shard once in a period, also for one that takes writes, and finds what has changed in one that takes none', async () => {
    const { runAfterAnHour, damage, asked, events, cold } = await watched();
    expect(await runAfterAnHour()).toMatchObject({ outcome: 'GOOD', points: 5 });
    const active = Math.max(...asked);
    expect(cold).toHaveLength(4);
    expect([...asked].sort()).toEqual([...cold, active].sort());
    const first = asked.length;
    events.splice(0);
    for (let n = 0; n < 2 * runs; n += 1) expect((await runAfterAnHour()).outcome).toBe('GOOD');
    const counts = [...cold, active].map((id) => asked.slice(first).filter((one) => one === id).length);
    expect(counts).toEqual([2, 2, 2, 2, 2]);
    const ofNewFiles = events.filter((event) => event.event === 'compared' && event.because === 'new files');
    expect(ofNewFiles.length).toBeGreaterThanOrEqual(2 * runs - 2); // by queries
    await damage();
    const outcomes: string[] = [];
    for (let n = 0; n < runs; n += 1) outcomes.push((await runAfterAnHour()).outcome);
    expect(outcomes.at(-1)).toBe('FOUND');
  });
});
