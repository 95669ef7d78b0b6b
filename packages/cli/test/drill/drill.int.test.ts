import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { influxdAvailable, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const dayMs = 86_400_000;

describe.skipIf(!(await influxdAvailable()))('ceres drill', () => {
  let folder: string;
  let root: string;
  let workDir: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-cli-drill-'));
    [root, workDir] = [join(folder, 'backup'), join(folder, 'work')];
    for (const daysAgo of [3, 2, 1]) await write(daysAgo);
  });
  afterAll(async () => {
    expect(await readdir(workDir)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  async function write(daysAgo: number): Promise<void> {
    const clock = {
      now: () => Date.now() - daysAgo * dayMs,
      sleep: async () => await new Promise<void>(() => undefined),
    };
    const storage = new LocalStorage(root);
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's', clock });
    const startS = Math.floor(clock.now() / 1000);
    const lines = Array.from({ length: 50 }, (_, i) => `m,h=${i % 3} v=${i} ${startS + i}\n`).join('');
    for (const database of ['db_0', 'db_1']) {
      await sink.write({ instance, database, retentionPolicy: 'rp' }, { lines, precision: 's' });
    }
    await sink.close();
  }
  const drill = async (...more: readonly string[]) =>
    await ceres(['drill', root, '--instance', instance, '--work-dir', workDir, ...more]);

  it('ends with PASS and 0, and its certificate lets status and a dry run say how long a restore takes', async () => {
    const before = await ceres(['status', root]);
    expect(before.stdout).toContain('time to restore: unknown, because no drill has passed yet');
    const { exitCode, stdout, stderr } = await drill();
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^restored: everything: 6 files, .*, 300 lines$/m);
    expect(stdout).toMatch(/^compared: 300 points, every value \(EQUAL\)$/m);
    expect(stdout).toMatch(/^at risk: nothing that was acked$/m);
    expect(stdout).toMatch(/^recovery: \d+\.\d s by the route 'native'$/m);
    expect(stdout).toMatch(
      /^time to restore everything: about \d+\.\d s \(1 drill, the largest of 100 %, the last on .*\)$/m,
    );
    expect(stdout).toMatch(/^PASS {2}\(/m);
    const after = await ceres(['status', root]);
    expect(after.stdout).toMatch(
      /^last drill: PASS, of everything, just now\ntime to restore: about \d+\.\d s \(1 drill/m,
    );
    const { stdout: json } = await ceres(['status', root, '--json']);
    expect(JSON.parse(json)).toMatchObject({ lastDrill: { verdict: 'PASS', isWhole: true }, forecast: { drills: 1 } });
    const server = await startInfluxd();
    const dryRun = ['restore', root, '--instance', instance, '--to', server.url, '--rp', 'rp=INF', '--dry-run'];
    const byLines = await ceres(dryRun);
    const native = await ceres([...dryRun, '--native', `tcp://127.0.0.1:${server.rpcPort}`]);
    await server.stop();
    expect(byLines.stdout).toContain('no forecast from drills, because no drill has restored by this route');
    expect(native.stdout).toMatch(/^would take: about \d+\.\d s \(1 drill, the largest of 100 %/m);
  });

  it('takes a part by databases and days, keeps certificates in a folder of their own, and signs them', async () => {
    const [key, pub, certificates] = ['drills.key', 'drills.pub', 'drills'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const pair = generateKeyPairSync('ed25519');
    await writeFile(key, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeFile(pub, pair.publicKey.export({ type: 'spki', format: 'pem' }));
    const options = ['--sample', '20', '--certificates', certificates, '--signing-key', key];
    const parts = new Set<string>();
    for (let n = 0; n < 2; n += 1) {
      const { exitCode, stdout } = await drill(...options);
      expect(exitCode).toBe(0);
      parts.add(/^restored: (1[67]\.\d % \(db_\d, files of .*\): 1 file)/m.exec(stdout)?.[1] ?? stdout);
    }
    expect(parts.size).toBe(2);
    const names = (await readdir(certificates, { recursive: true })).filter((name) => name.endsWith('.json'));
    expect(names).toEqual([expect.stringMatching(/^~drills\/influxdb-0\/\d{8}\//), expect.stringMatching(/^~drills/)]);
    const file = join(certificates, names[0] ?? '');
    const good = await ceres(['drill', '--check', file, '--public-key', pub]);
    expect([good.exitCode, good.stdout]).toEqual([0, expect.stringMatching(/signed by the key that was given.*PASS/s)]);
    expect((await ceres(['drill', '--check', file])).stdout).toContain('is that your key? --public-key compares it');
    const altered = join(folder, 'altered.json');
    await writeFile(altered, (await readFile(file, 'utf8')).replace('"files": 1', '"files": 6'));
    const bad = await ceres(['drill', '--check', altered, '--public-key', pub]);
    expect([bad.exitCode, bad.stderr]).toEqual([1, expect.stringContaining('The certificate was altered')]);
    await writeFile(pub, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
    const other = await ceres(['drill', '--check', file, '--public-key', pub]);
    expect([other.exitCode, other.stderr]).toEqual([
      1,
      expect.stringMatching(/signed by another key.*CERTIFICATE_OTHER_KEY/),
    ]);
  });

  it('ends with 4 and names the file for a damaged backup, whose certificate says so, and no forecast is made of it', async () => {
    const names = (await readdir(join(root, instance), { recursive: true })).filter((name) => name.endsWith('.gz'));
    const [name = ''] = names;
    const path = join(root, instance, name);
    const whole = await readFile(path);
    await truncate(path, whole.length - 9);
    const { exitCode, stdout } = await drill('--json');
    const certificate = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .at(-1);
    expect([exitCode, certificate.event, certificate.verdict]).toEqual([4, 'certificate', 'FAIL']);
    expect(certificate.reasons.join()).toContain(name);
    const { id } = certificate;
    const stored = (await readdir(root, { recursive: true })).find((one) => one.includes(id)) ?? '';
    expect((await ceres(['drill', '--check', join(root, stored)])).exitCode).toBe(4);
    expect((await ceres(['status', root])).stdout).toMatch(
      /time to restore: unknown, because the backup has a gap: 1 file of db_\d\.rp changed in size/,
    );
    await writeFile(path, whole);
  });

  it('ends with 5 where no ledger says what there should be', async () => {
    await rm(join(root, '~heartbeat'), { recursive: true });
    const { exitCode, stdout } = await drill();
    expect([exitCode, stdout]).toEqual([5, expect.stringMatching(/- no ledger and no seed says.*INCONCLUSIVE/s)]);
  });

  it('is interrupted with 130, and says that nothing is left', async () => {
    const interruption = new AbortController();
    const argv = ['drill', root, '--instance', instance, '--work-dir', workDir, '--json'];
    const onOutput = (text: string) => {
      if (text.includes('"phase":"restore"')) interruption.abort(new Error('SIGINT'));
    };
    const { exitCode, stderr } = await ceres(argv, interruption.signal, { onOutput });
    expect([exitCode, stderr]).toEqual([
      130,
      expect.stringMatching(/^Interrupted\. Everything that the drill made is removed/),
    ]);
  });

  it.each([
    [['--sample', '0'], /from 0\.01 to 100/],
    [['--public-key', 'x'], /--public-key needs --check/],
    [['--check', '/nowhere/x.json'], /Expected --check to name a file that can be read/],
    [['--signing-key', '/nowhere/key'], /Expected --signing-key to name a file that can be read/],
    [['--scratch-server', 'http://u:p@a:8086'], /Expected --scratch-server without credentials/],
    [['--native', 'tcp://127.0.0.1:8088'], /`native` to be left out without `scratchServer`/],
  ])('is refused as wrong usage with %j', async (options, message) => {
    const { exitCode, stderr } = await drill(...options);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
