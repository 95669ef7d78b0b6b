import { readFileSync } from 'node:fs';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { promtool, promtoolAvailable } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { putDrill } from '../../../packages/drill/test/report/backups';
import { type Bucket, hour, minute } from '../../../packages/storage/test/ledger/bucket';
import { rulesFile, type Scraped, testRules } from './promtool';
import {
  blindWatchText,
  type Fault,
  faultMs,
  SimulatedBackup,
  scrapesADay,
  sinkText,
  startMs,
  type Watched,
  watchText,
} from './simulation';

const faultAt = faultMs / (5 * minute);

/** What happens to the backup, and what must fire three hours later. */
const backupFaults: Readonly<Record<string, Fault & { readonly firing: readonly string[] }>> = {
  'a sink stops': { isDead: true, firing: ['CeresSinkSilent', 'CeresDataAtRisk', 'CeresBackupNotGood'] },
  'a file is lost': {
    happens: (at, { bucket }) => {
      const key = [...bucket.objects.keys()].find((name) => name.startsWith('influxdb-0/'));
      if (at === faultMs && key !== undefined) bucket.objects.delete(key);
    },
    firing: ['CeresBackupIncomplete', 'CeresBackupNotGood'],
  },
  'the ledger is lost': {
    happens: (_at, { bucket }) => remove(bucket, '~heartbeat/'),
    firing: ['CeresBackupIncomplete', 'CeresBackupNotGood'],
  },
  'a spool never drains': {
    happens: async (at, { sink }) => {
      const atMs = startMs + at + 1;
      const key = 'influxdb-0/site_6/rp/20261126/019ac0c8-5a00-7000-8000-0000000000ff.gz';
      const pending = [{ state: 'spooled', key, sinceMs: startMs + faultMs - hour }] as const;
      await sink.say(atMs, { pending, nextDueByMs: atMs + 20 * minute });
    },
    firing: ['CeresSpoolStuck', 'CeresBackupNotGood'],
  },
  'a drill fails': {
    happens: (at, { bucket }) => {
      if (at > faultMs) return;
      putDrill(bucket, 2, { began: new Date(startMs + at).toISOString(), verdict: 'FAIL', reasons: ['a gap'] });
    },
    firing: ['CeresDrillFailed'],
  },
  'no drill for weeks': {
    happens: (at, { bucket }) => {
      if (at > faultMs) return;
      remove(bucket, '~drills/');
      putDrill(bucket, 2, { began: new Date(startMs - 15 * 24 * hour).toISOString() });
    },
    firing: ['CeresDrillOverdue'],
  },
  // What no one has seen for an hour is at risk, too.
  'no one looks': { isUnseen: true, firing: ['CeresMetricsStale', 'CeresDataAtRisk'] },
};

function remove(bucket: Bucket, prefix: string): void {
  for (const key of [...bucket.objects.keys()]) if (key.startsWith(prefix)) bucket.objects.delete(key);
}

/** Returns the names of all alerts. */
function alertNames(): string[] {
  return [...readFileSync(rulesFile, 'utf8').matchAll(/alert: (\w+)/g)].map(([, name = '']) => name);
}

/** Changes a figure in a text, and fails if it is not there. */
function withFigure(text: string, name: string, value: number): string {
  const changed = text.replace(new RegExp(`^${name} .*$`, 'm'), `${name} ${value}`);
  if (changed === text) throw new Error(`Expected ${name} to be in the text, with another value.`);
  return changed;
}

class RefusingStorage extends MemoryStorage {
  override async put(): Promise<never> {
    throw new StorageError('DENIED', 'No.');
  }
}

describe.skipIf(!(await promtoolAvailable()))('the alert rules', () => {
  it('are what Prometheus takes', async () => {
    expect(await promtool('check', 'rules', rulesFile)).toMatchObject({ exitCode: 0 });
  });

  it('are silent in a day of health, and each fires in its fault, and no other does', async () => {
    const backup = new SimulatedBackup();
    const before = await backup.pass(0, faultMs);
    const forks = new Map(Object.keys(backupFaults).map((name) => [name, backup.fork()]));
    const healthyDay = [...before, ...(await backup.pass(faultMs, 24 * hour))];
    const healthySink = await sinkText();
    const found = (what: Watched) => (i: number) => watchText(startMs + i * 5 * minute, what);
    const watched = (i: number) => watchText(startMs + Math.floor(i / 3) * 15 * minute);
    /** A day of health in which this is otherwise from the fault on. */
    const day = (
      name: string,
      firing: readonly string[],
      of: { backup?: (i: number) => string | undefined; sink?: string; watch?: (i: number) => string } = {},
    ): Scraped => ({
      name,
      startMs,
      firing,
      faultAt,
      texts: Array.from({ length: scrapesADay }, (_, i) => {
        const isFaulty = i >= faultAt;
        const backup = isFaulty && of.backup ? of.backup(i) : healthyDay[i];
        return [
          backup ?? '',
          (isFaulty ? of.sink : undefined) ?? healthySink,
          (isFaulty ? of.watch : undefined)?.(i) ?? watched(i),
        ].join('');
      }),
    });
    const scenarios: Scraped[] = [
      { ...day('health', []), faultAt: scrapesADay },
      day('metrics are gone', ['CeresMetricsAbsent'], { backup: () => '' }),
      day('the storage refuses', ['CeresSinkRefused'], { sink: await sinkText({ storage: new RefusingStorage() }) }),
      day('the storage is away', ['CeresSinkBehind'], { sink: await sinkText({}, true) }),
      day('another sink', ['CeresSpoolTaken'], { sink: withFigure(healthySink, 'ceres_sink_lost', 1) }),
      day('a damaged database', ['CeresDatabaseDamaged'], { watch: found({ kinds: ['missing', 'missing', 'extra'] }) }),
      day('a damaged file', ['CeresBackupIncomplete'], { watch: found({ kinds: ['gzip-damaged'] }) }),
      day('a time that is not compared', ['CeresWatchOverdue'], { watch: found({ kinds: ['overdue'] }) }),
      day('values on their way', [], { watch: found({ unjudged: [{ values: 3, reason: '' }] }) }),
      day('a server that is away', ['CeresWatchBlind'], { watch: found({ unjudged: [{ reason: '' }] }) }),
      day('a blind watch', ['CeresWatchBlind'], { watch: (i) => blindWatchText(startMs + i * 5 * minute) }),
      day('a watch that stopped', ['CeresWatchStopped'], { watch: () => watchText(startMs + faultMs - 5 * hour) }),
    ];
    for (const [name, { firing, ...fault }] of Object.entries(backupFaults)) {
      const after = await forks.get(name)?.pass(faultMs, 24 * hour, fault);
      const texts = [...before, ...(after ?? [])].map((text, i) => text + healthySink + watched(i));
      scenarios.push({ name, startMs, texts, firing, faultAt });
    }
    for (const [name, figure, alert] of [
      ['a full spool', 'ceres_sink_full_total', 'CeresSpoolFull'],
      ['a failing disk', 'ceres_sink_disk_failures_total', 'CeresSpoolDisk'],
    ] as const) {
      const { texts, ...scenario } = day(name, [alert]);
      // A counter fires while it grows: the last scrapes count.
      scenarios.push({
        ...scenario,
        texts: texts.map((text, i) => (i < scrapesADay - 2 ? text : withFigure(text, figure, 1))),
        faultAt: scrapesADay - 2,
      });
    }
    expect(await testRules(scenarios)).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS') });
    const tried = new Set(scenarios.flatMap(({ firing }) => firing));
    expect([...tried].sort()).toEqual([...alertNames()].sort());
    // A test that says the opposite fails.
    expect(await testRules([{ ...day('health', ['CeresSinkSilent']) }])).toMatchObject({ exitCode: 1 });
  });
});
