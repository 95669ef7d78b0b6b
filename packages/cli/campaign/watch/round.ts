import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, type WatchReport, watch } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';
import { type Influxd, query } from '@ceres/testkit';
import { createDatabases, type Ground, instance, writeBackup } from '../planted/write-backup';
import { watchedFaults } from './faults';
import { healthyEvents } from './health';
import { startService } from './service';

export interface WatchFigures {
  planted: number;
  found: number;
  named: number;
  /** Runs while all was well, and their alarms. */
  runs: number;
  alarms: number;
  readonly faults: string[];
}

const hourMs = 3_600_000;
const periodMs = 6 * hourMs;

export async function watchRound(n: number, server: Influxd, random: () => number): Promise<WatchFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-watch-'));
  const databases = ['site_1', 'site_2'].map((name) => `w${n}_${name}`);
  const policies = ['rp_a', 'rp_b'];
  const ground: Ground = { url: server.url, folder, root: join(folder, 'bucket'), databases, policies, random };
  const own = `w${n}_own`;
  const figures: WatchFigures = { planted: 1, found: 0, named: 0, runs: 0, alarms: 0, faults: [] };
  const storage = new LocalStorage(ground.root);
  let aheadMs = 0;
  const clock = {
    now: () => Date.now() + aheadMs,
    sleep: async (ms: number) => await new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  const watchAfter = async (ms: number): Promise<WatchReport> => {
    aheadMs += ms;
    const stateFile = join(folder, 'watch.json');
    const snapshot = n % 2 === 0 ? {} : { snapshot: `tcp://127.0.0.1:${server.rpcPort}` };
    const to = { url: server.url };
    return await watch({ storage, instance, to, stateFile, periodMs, waitMs: 2_000, clock, ...snapshot });
  };
  const healthy = (what: string, reports: readonly WatchReport[]) => {
    figures.runs += reports.length;
    for (const alarm of reports.flatMap(({ alarms }) => alarms)) {
      figures.alarms += 1;
      figures.faults.push(`false alarm after ${what}: ${alarm.kind} ${alarm.reason}`);
    }
  };
  await createDatabases(ground);
  await query(server.url, '', `CREATE DATABASE ${own}`);
  await writeBackup(ground);
  const service = await startService(ground, own);
  try {
    await service.write(
      Array.from({ length: 12 }, (_, i) => ({ tags: { a: `${i % 3}`, b: `${(i % 3) + 5}` }, v: random() })),
    );
    await service.sink.flush();
    healthy('the first run', [await watchAfter(0)]);
    const events = Object.keys(healthyEvents);
    const event = events[n % events.length] as string;
    healthy(event, (await healthyEvents[event]?.({ ground, server, service, watchAfter })) ?? []);
    const kinds = Object.keys(watchedFaults);
    const kind = kinds[n % kinds.length] as string;
    const fault = watchedFaults[kind];
    if (fault === undefined) throw new Error('there is no such fault');
    await fault.plant(ground, service);
    // Only a living sink vouches for what comes from now on; a closed one says that there is nothing more.
    if (service.refuses === 'nothing') await service.sink.close();
    const seen = new Set<string>();
    for (let passedMs = 0; passedMs < periodMs; passedMs += hourMs) {
      for (const one of (await watchAfter(hourMs)).alarms) seen.add(one.kind);
    }
    const isFound = fault.alarms.length === 0 ? seen.size > 0 : fault.alarms.every((one) => seen.has(one));
    if (isFound) figures.found += 1;
    else figures.faults.push(`${kind} not found within one period; seen: ${[...seen].join(', ') || 'nothing'}`);
    const { disasters } = await diagnose({ storage, instance, to: { url: server.url } });
    const isNamed = disasters.some((one) => one.kind === fault.disaster && one.cure.action === fault.cure);
    if (isNamed) figures.named += 1;
    else {
      const said = disasters.map((one) => `${one.kind} (${one.cure.action}): ${one.reason}`);
      figures.faults.push(`${kind} not named by diagnose: ${said.join('; ') || 'nothing'}`);
    }
  } finally {
    await service.end();
    for (const database of [...databases, own]) await query(server.url, '', `DROP DATABASE ${database}`);
    await rm(folder, { recursive: true });
  }
  return figures;
}
