import { getEventListeners } from 'node:events';
import { MemoryStorage } from '@ceres/storage';
import { influxdAvailable } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { putSeed } from '../../restore/test/support/seed';
import { type DrillReport, drill } from '../src/drill';
import { backupInMemory, dayMs, filesOf, instance, writeBackup } from './support/backup';
import { withBytes, without } from './support/damaged';
import { drillGround, influxdIn } from './support/ground';

const verdictOf = ({ certificate: { verdict, reasons } }: DrillReport) => [verdict, ...reasons];

describe.skipIf(!(await influxdAvailable()))('a drill', () => {
  const ground = drillGround();

  it('passes a backup, by both routes and with the same digests, also of points that their policy would have expired', async () => {
    const storage = await backupInMemory({ atMs: Date.now() - 40 * dayMs, databases: ['db_0', 'db_1'] }, {});
    const { workDir } = ground;
    const native = await drill({ storage, instance, workDir, certificates: storage });
    const write = await drill({ storage, instance, workDir, route: 'write' });
    expect([verdictOf(native), verdictOf(write)]).toEqual([['PASS'], ['PASS']]);
    const [a, b] = [native.certificate, write.certificate];
    expect([a.recovery.route, b.recovery.route]).toEqual(['native', 'write']);
    expect(a.verified).toMatchObject({ level: 'content', by: 'snapshot', outcome: 'EQUAL', points: 60 });
    expect(a.verified?.contents).toHaveLength(2);
    expect(b.verified).toEqual(a.verified);
    expect(a.restored).toMatchObject({ files: 3, lines: 60, sample: null });
    expect(a.dataAtRisk).toMatchObject({ seconds: 0, openFiles: 0 });
    const keys: string[] = [];
    for await (const { key } of storage.list('~drills/')) keys.push(key);
    expect(keys).toEqual([native.key]);
    expect(native.key).toMatch(/^~drills\/influxdb-0\/\d{8}\/[0-9a-f-]{36}\.json$/);
  });

  it('takes parts of a backup that begins with a seed: days of the sinks, and the seed by itself', async () => {
    const atMs = Date.now() - 2 * dayMs;
    const storage = await backupInMemory({ of: 'src', atMs, lines: 20 }, { of: 'src', atMs: atMs + dayMs, lines: 30 });
    const header = { policy: { duration: 'INF', isDefault: true } };
    const lines = 'seeded v=1 1\nseeded v=2 2\n';
    await putSeed(storage, {
      takenMs: Date.now(),
      files: [{ database: 'db_0', retentionPolicy: 'rp_5d', lines, header }],
    });
    const parts: [string | undefined, number | undefined, ...string[]][] = [];
    for (let n = 0; n < 3; n += 1) {
      const { workDir } = ground;
      const report = await drill({ storage, instance: 'src', workDir, sample: 1, certificates: storage });
      const { sample, lines } = report.certificate.restored;
      parts.push([sample?.firstDay ?? undefined, lines ?? undefined, ...verdictOf(report)]);
    }
    const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
    expect(parts).toEqual([
      [dayOf(atMs + dayMs), 30, 'PASS'],
      [dayOf(atMs), 20, 'PASS'],
      ['20000101', 2, 'PASS'],
    ]);
  });

  it('leaves no listener on a signal that lives longer than it', async () => {
    const { signal } = new AbortController();
    await drill({ storage: await backupInMemory(), instance, workDir: ground.workDir, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('restores the same files that it compares, although sinks go on storing', async () => {
    const storage = await backupInMemory();
    let isWritten: Promise<void> | undefined;
    const onProgress = () => {
      isWritten ??= writeBackup(storage, { databases: ['db_0', 'db_9'] });
    };
    const report = await drill({ storage, instance, workDir: ground.workDir, onProgress });
    await isWritten;
    expect(verdictOf(report)).toEqual(['PASS']);
    const more = await drill({ storage, instance, workDir: ground.workDir });
    expect(more.certificate.restored.files).toBe(6);
  });

  it('fails a backup with a damaged file, and names the file', async () => {
    const storage = await backupInMemory();
    const [key = ''] = await filesOf(storage);
    const damaged = withBytes(storage, key, (bytes) => bytes.with(bytes.length - 12, (bytes.at(-12) ?? 0) ^ 1));
    const report = await drill({ storage: damaged, instance, workDir: ground.workDir });
    expect(report.certificate.verdict).toBe('FAIL');
    expect(report.certificate.reasons.join()).toContain(key);
    const known = await drill({ storage: damaged, instance, workDir: ground.workDir, accept: [key] });
    expect(verdictOf(known)).toEqual(['PASS']);
  });

  it('fails a backup that lacks a file, and withholds the forecast for the gap', async () => {
    const storage = await backupInMemory();
    const [key = ''] = await filesOf(storage);
    const { certificate } = await drill({ storage: without(storage, key), instance, workDir: ground.workDir });
    expect([certificate.verdict, ...certificate.reasons]).toEqual([
      'FAIL',
      expect.stringMatching(/1 file missing from db_0\.rp_5d/),
    ]);
    expect(certificate.recovery.forecast).toEqual({
      withheld: expect.stringContaining('the backup has a gap: 1 file missing'),
    });
  });

  it('cannot judge a backup of which no ledger says what should be there', async () => {
    const storage = await backupInMemory();
    const report = await drill({ storage: without(storage, '~heartbeat/'), instance, workDir: ground.workDir });
    const { verdict, reasons } = report.certificate;
    expect([verdict, reasons.at(-1)]).toEqual(['INCONCLUSIVE', expect.stringContaining('no ledger and no seed says')]);
    expect(report.certificate.verified?.outcome).toBe('EQUAL');
  });

  it('cannot judge, and says why, if its server dies in the middle', async () => {
    const storage = await backupInMemory();
    const { workDir } = ground;
    let killed: Promise<void> | undefined;
    const onProgress = ({ phase }: { readonly phase: string }) => {
      if (phase === 'restore') killed ??= influxdIn(workDir).then((pid) => void process.kill(pid, 'SIGKILL'));
    };
    const slow = slowed(storage, () => killed);
    const report = await drill({ storage: slow, instance, workDir, onProgress });
    expect(verdictOf(report)).toEqual(['INCONCLUSIVE', expect.stringMatching(/throwaway influxd ended in the middle/)]);
    expect(report.certificate).toMatchObject({ verified: null, recovery: { seconds: null } });
  });

  it.each(['ledgers', 'server', 'plan', 'restore', 'verify', 'remove'])(
    'that is interrupted at %s leaves nothing',
    async (at) => {
      const storage = await backupInMemory();
      const interruption = new AbortController();
      const onProgress = ({ phase }: { readonly phase: string }) => {
        if (phase === at) interruption.abort(new Error('SIGINT'));
      };
      const { signal } = interruption;
      const drilling = drill({ storage, instance, workDir: ground.workDir, certificates: storage, signal, onProgress });
      await expect(drilling).rejects.toThrow('SIGINT');
      for await (const { key } of storage.list('~drills/')) expect(key).toBe('none');
    },
  );

  it('refuses a backup of another instance, and leaves nothing', async () => {
    const drilling = drill({ storage: new MemoryStorage(), instance, workDir: ground.workDir });
    await expect(drilling).rejects.toMatchObject({ code: 'NO_FILES' });
  });
});

/** Returns a storage whose files come only after something has happened. */
function slowed(storage: MemoryStorage, before: () => Promise<void> | undefined): Pick<MemoryStorage, 'list' | 'get'> {
  return {
    list: (prefix, options) => storage.list(prefix, options),
    get: async function* (key, options) {
      await before();
      yield* storage.get(key, options);
    },
  };
}
