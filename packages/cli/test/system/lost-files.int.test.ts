import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ceres } from '../support/in-process';

const to = { instance: 'influxdb-0', database: 'site_6', retentionPolicy: '' };

describe.skipIf(!(await influxdAvailable()))('a backup from which a file was lost', () => {
  it('is restored without it; the restore says so first, exits with 3, and blocks a wipe until that is accepted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-lost-'));
    const server = await startInfluxd();
    onTestFinished(async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    });
    const bucket = join(folder, 'bucket');
    const storage = new LocalStorage(bucket);
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    const nowS = Math.floor(Date.now() / 1000);
    for (let n = 0; n < 3; n += 1) {
      await sink.write(to, { lines: `m v=${n} ${nowS - n}`, precision: 's' });
      await sink.flush();
    }
    await sink.close();
    const names = await readdir(join(bucket, to.instance), { recursive: true });
    await rm(join(bucket, to.instance, names.find((name) => name.endsWith('.gz')) ?? ''));

    let run = 0;
    const restore = async (...more: string[]) => {
      run += 1;
      const places = [
        '--journal-file',
        join(folder, `journal-${run}`),
        '--rejects-dir',
        join(folder, `rejects-${run}`),
      ];
      const what = ['restore', `file://${bucket}`, '--instance', to.instance, '--to', server.url];
      return await ceres([...what, ...places, ...more]);
    };
    const { exitCode, stdout, stderr } = await restore();
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^Missing: 1 file missing from site_6, 20.* UTC \(1 line\)$/m);
    expect(stdout).toContain('Restored 2 lines of 2 files');
    const [count] = await query(server.url, to.database, 'SELECT COUNT(v) FROM m');
    expect(count?.values[0]?.[1]).toBe(2);

    const name = /--accept (\S+)/.exec(stderr)?.[1] ?? '';
    const wipe = await restore('--wipe', '--yes');
    expect(wipe.exitCode).toBe(1);
    expect(wipe.stderr).toContain('1 file missing from site_6');
    expect(await restore('--wipe', '--yes', '--accept', name)).toMatchObject({ exitCode: 0 });
  });
});
