import { backupStatus } from '@ceres/restore';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Bucket, hour, minute, ScriptedSink } from '../../../storage/test/ledger/bucket';
import { createMetrics, type MetricsOptions } from '../../src/index';
import { putDrill } from '../report/backups';
import { drillOf } from '../support/certificate';
import { everyFinding, findingsOfEach, lookedMs, silentSink } from './every-finding';

/** Only read from: making it takes longest. */
const everyFindingMade = everyFinding();

afterEach(() => void vi.useRealTimers());

/** Returns the samples of the metrics, each with its value. */
async function samplesOf(options: MetricsOptions, nowMs = lookedMs): Promise<ReadonlyMap<string, number>> {
  vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
  const text = await createMetrics(options);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const sinkOf = (storage: Bucket, n: number, instance = 'i') =>
  new ScriptedSink(storage, `7a3f3c9e-2b1d-4e65-9d0a-${String(n).padStart(12, '0')}`, instance);

describe('the metrics of a backup', () => {
  it('count the findings of every kind under its own name, and the gaps in the numbers of files', async () => {
    const storage = await everyFindingMade;
    const samples = await samplesOf({ storage });
    for (const [kind, count] of Object.entries(findingsOfEach)) {
      expect([kind, samples.get(`ceres_backup_findings{instance="i",kind="${kind}"}`)]).toEqual([kind, count]);
    }
    const { instances } = await backupStatus({ storage });
    const kinds = new Set(instances.flatMap(({ findings }) => findings.map(({ kind }) => kind)));
    expect([...kinds, 'sequence-gap'].sort()).toEqual(Object.keys(findingsOfEach).sort());
  });

  it('are those of 100 instances, first of those that need attention; all are counted', async () => {
    const storage = new Bucket();
    const names = Array.from({ length: 102 }, (_, n) => `i-${String(n).padStart(3, '0')}`);
    const damaged = ['i-050', 'i-101'];
    for (const [n, instance] of names.entries()) {
      const sink = sinkOf(storage, n, instance);
      const { key } = sink.store(lookedMs - minute, { instance, database: 'db' });
      await sink.say(lookedMs);
      if (damaged.includes(instance)) storage.objects.delete(key);
    }
    const samples = await samplesOf({ storage });
    const good = [...samples].filter(([name]) => name.startsWith('ceres_backup_good{'));
    const shown = good.map(([name]) => /instance="(.*)"/.exec(name)?.[1]);
    expect(shown).toEqual([...damaged, ...names.filter((name) => !damaged.includes(name)).slice(0, 98)]);
    expect(good.map(([, value]) => value)).toEqual([0, 0, ...new Array(98).fill(1)]);
    expect(samples.get('ceres_backup_instances')).toBe(102);
  });

  it('leave out what the operator knows: expired files, retired sinks, accepted findings', async () => {
    const storage = await everyFindingMade;
    const of = (samples: ReadonlyMap<string, number>, kind: string) =>
      samples.get(`ceres_backup_findings{instance="i",kind="${kind}"}`);
    expect(of(await samplesOf({ storage, retired: [silentSink] }), 'silent')).toBe(0);
    expect(of(await samplesOf({ storage, keepMs: 24 * hour }), 'lost')).toBe(0);
    const { instances } = await backupStatus({ storage });
    const accept = instances.flatMap(({ findings, sequenceGaps }) =>
      [...findings, ...sequenceGaps].map(({ name }) => name),
    );
    const accepted = await samplesOf({ storage, accept });
    for (const kind of Object.keys(findingsOfEach)) expect([kind, of(accepted, kind)]).toEqual([kind, 0]);
    expect(accepted.get('ceres_backup_good{instance="i"}')).toBe(1);
  });

  it('are those of one instance, if it is named, and name one that is not there', async () => {
    const storage = new Bucket();
    for (const [n, instance] of ['a', 'b'].entries()) await sinkOf(storage, n, instance).say(lookedMs);
    const samples = await samplesOf({ storage, instance: 'b' });
    expect([...samples.keys()].filter((name) => name.includes('instance="a"'))).toEqual([]);
    expect(samples.get('ceres_backup_instances')).toBe(1);
    await expect(createMetrics({ storage, instance: 'c' })).rejects.toMatchObject({ code: 'NO_FILES' });
  });

  it('sum the files, bytes and records of all policies of a database, each instance for itself', async () => {
    const storage = new Bucket();
    const bytes: number[] = [];
    for (const [n, instance] of ['a', 'b'].entries()) {
      const sink = sinkOf(storage, n, instance);
      for (const retentionPolicy of n === 0 ? ['long', 'short', ''] : ['long']) {
        const { sizeBytes } = sink.store(lookedMs - minute, { instance, database: 'db', retentionPolicy });
        if (n === 0) bytes.push(sizeBytes ?? 0);
      }
      await sink.say(lookedMs);
    }
    const samples = await samplesOf({ storage });
    const labels = '{instance="a",database="db"}';
    expect(samples.get(`ceres_backup_files${labels}`)).toBe(3);
    expect(samples.get(`ceres_backup_records${labels}`)).toBe(300);
    expect(samples.get(`ceres_backup_bytes${labels}`)).toBe(bytes.reduce((sum, one) => sum + one, 0));
    expect(samples.get('ceres_backup_files{instance="b",database="db"}')).toBe(1);
  });

  it('have the heartbeat of open sinks only, and none once all are closed', async () => {
    const storage = new Bucket();
    const [closed, open, other] = [sinkOf(storage, 1), sinkOf(storage, 2), sinkOf(storage, 3, 'all closed')];
    await closed.say(lookedMs - 5 * hour, { isLast: true });
    await open.say(lookedMs - 2 * minute);
    await other.say(lookedMs - 5 * hour, { isLast: true });
    const samples = await samplesOf({ storage });
    const beats = [...samples].filter(([name]) => name.startsWith('ceres_backup_heartbeat'));
    expect(beats).toEqual([['ceres_backup_heartbeat_timestamp_seconds{instance="i"}', lookedMs / 1_000 - 120]]);
  });

  it('say how many files the spools of all sinks hold, by state', async () => {
    const storage = new Bucket();
    const pending = (states: readonly ('open' | 'spooled' | 'parked')[]) =>
      states.map((state, n) => ({
        state,
        key: `i/db/rp/20261129/019acd00-0000-7000-8000-${String(n).padStart(12, '0')}.gz`,
        sinceMs: lookedMs - minute,
      }));
    await sinkOf(storage, 1).say(lookedMs, { pending: pending(['open', 'spooled', 'spooled', 'parked']) });
    await sinkOf(storage, 2).say(lookedMs, { pending: pending(['spooled', 'parked', 'parked', 'parked']) });
    const samples = await samplesOf({ storage });
    for (const [state, count] of [
      ['open', 1],
      ['spooled', 3],
      ['parked', 4],
    ] as const) {
      expect(samples.get(`ceres_backup_spooled_files{instance="i",state="${state}"}`), state).toBe(count);
    }
  });

  it('end when they are aborted, before anything is read', async () => {
    const storage = new Bucket();
    await sinkOf(storage, 1).say(lookedMs);
    await expect(createMetrics({ storage, signal: AbortSignal.abort() })).rejects.toThrow();
    expect(storage.read).toEqual([]);
  });

  it('are gauges, each with a line that explains it', async () => {
    const text = await createMetrics({ storage: await everyFindingMade });
    const names = [...text.matchAll(/^(ceres_\w+)/gm)].map(([, name]) => name);
    for (const name of new Set(names)) {
      expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\.\n# TYPE ${name} gauge\n${name}[{ ]`, 'm'));
    }
  });
});

describe('the metrics of drills', () => {
  const drilled = async (...drills: readonly Parameters<typeof putDrill>[2][]) => {
    const storage = new Bucket();
    for (const [n, instance] of ['a', 'b'].entries()) await sinkOf(storage, n, instance).say(lookedMs);
    for (const [n, drill] of drills.entries()) putDrill(storage, n, drill);
    return storage;
  };
  const agoOf = (hours: number) => ({
    began: new Date(lookedMs - hours * hour).toISOString(),
    ended: new Date(lookedMs - hours * hour + 10 * minute).toISOString(),
  });

  it('are those of the last drill of each instance, at the time when it began', async () => {
    const storage = await drilled(
      { ...agoOf(3), instance: 'a', verdict: 'FAIL' },
      { ...agoOf(5), instance: 'a' },
      { ...agoOf(2), instance: 'b' },
    );
    const samples = await samplesOf({ storage });
    const at = (hours: number) => (lookedMs - hours * hour) / 1_000;
    const found = (name: string) => ['a', 'b'].map((one) => samples.get(`ceres_drill_${name}{instance="${one}"}`));
    expect(found('timestamp_seconds')).toEqual([at(3), at(2)]);
    expect(found('passed')).toEqual([0, 1]);
    expect(found('passed_timestamp_seconds')).toEqual([at(5), at(2)]);
  });

  it('count a drill that could not be judged as one that did not pass', async () => {
    const storage = await drilled({ ...agoOf(1), instance: 'a', verdict: 'INCONCLUSIVE' });
    const samples = await samplesOf({ storage });
    expect(samples.get('ceres_drill_passed{instance="a"}')).toBe(0);
    expect(samples.get('ceres_drill_passed_timestamp_seconds{instance="a"}')).toBe(0);
  });

  it('find the last PASS among the last 30 drills, and do not read older ones', async () => {
    const failed = (n: number) => ({ ...agoOf(n + 1), instance: 'a', verdict: 'FAIL' }) as const;
    const passedAs = async (failures: number) => {
      const storage = await drilled(
        ...Array.from({ length: failures }, (_, n) => failed(n)),
        { ...agoOf(48), instance: 'a' }, // of another day, so that its name is older, too
      );
      const samples = await samplesOf({ storage });
      const read = storage.read.filter((key) => key.startsWith('~drills/a/')).length;
      return [samples.get('ceres_drill_passed_timestamp_seconds{instance="a"}'), read];
    };
    expect(await passedAs(29)).toEqual([(lookedMs - 48 * hour) / 1_000, 30]);
    expect(await passedAs(30)).toEqual([0, 30]);
  });

  it('are read from where the certificates are kept', async () => {
    const storage = await drilled({ ...agoOf(1), instance: 'a', verdict: 'FAIL' });
    const certificates = await drilled({ ...agoOf(2), instance: 'a', recovery: { ...drillOf().recovery, seconds: 7 } });
    const samples = await samplesOf({ storage, certificates });
    expect(samples.get('ceres_drill_passed{instance="a"}')).toBe(1);
    expect(samples.get('ceres_drill_recovery_seconds{instance="a"}')).toBe(7);
    const refused = expect.objectContaining({ code: 'INVALID_OPTIONS' });
    await expect(createMetrics({ storage, certificates: {} as never })).rejects.toThrow(refused);
  });
});
