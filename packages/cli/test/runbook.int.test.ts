import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BackupSink, createTee, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { findInfluxBinaries, type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres } from './in-process';

const run = promisify(execFile);
const runbook = await readFile(new URL('../../../docs/disaster-recovery.md', import.meta.url), 'utf8');
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const instance = 'influxdb-0.influxdb';

/** The `sh` blocks under a heading, one after another. */
function commandsUnder(heading: string): string {
  let isUnder = false;
  let commands = '';
  for (const [text, block = ''] of runbook.matchAll(/^```sh\n(.*?)^```$|^#+ [^\n]*$/gms)) {
    if (text.startsWith('#')) isUnder = text === heading;
    else if (isUnder) commands += block;
  }
  if (commands === '') throw new Error(`the runbook has no commands under '${heading}'`);
  return commands;
}

describe.skipIf(!(await influxdAvailable()))('the runbook, command by command as it is printed', () => {
  let folder: string;
  let server: Influxd;
  let binDir: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-runbook-'));
    server = await startInfluxd();
    binDir = dirname((await findInfluxBinaries()).influx);
    await query(server.url, '', 'CREATE DATABASE db_0');
    await query(server.url, '', 'CREATE RETENTION POLICY rp_5d ON db_0 DURATION 5d REPLICATION 1 DEFAULT');
    const policies = () => ({ duration: '5d', replication: 1, isDefault: true });
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's', policies });
    const influx = new InfluxWriter({ url: server.url });
    const tee = createTee({ influx, sink, instance });
    const nowS = BigInt(Math.floor(Date.now() / 1000));
    const points = Array.from({ length: 300 }, (_, i) => ({
      measurement: 'cpu',
      tags: { host: `h${i % 3}` },
      fields: { usage: i },
      timestamp: nowS - BigInt(i),
    }));
    await tee.write({ database: 'db_0', retentionPolicy: 'rp_5d' }, points);
    await sink.close();
    await influx.close();
  });

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs commands in a folder of their own; what is not of ours or InfluxDB's is replaced. */
  async function shell(commands: string, name: string): Promise<string> {
    const { hostname, port } = new URL(server.url);
    const cwd = join(folder, name);
    await mkdir(cwd);
    const script = `
exec 2>&1
ceres() {
  case "$*" in *--wipe*) set -- "$@" --yes ;; esac
  "$NODE" --conditions=@ceres/source --import "$TSX" "$MAIN" "$@" || echo "ceres $1 FAILED with $?"
}
gsutil() { cp -r "$(echo "$4" | sed 's#^file://##')" "$5"; }
${commands}`;
    const env = {
      ...process.env,
      ...{ PATH: `${binDir}:${process.env.PATH}`, HOME: cwd, NODE: process.execPath, MAIN: main },
      TSX: import.meta.resolve('tsx'),
      ...{ BACKUP: `file://${folder}/backup`, INSTANCE: instance, INFLUX: server.url },
      ...{ INFLUX_HOST: hostname, INFLUX_PORT: port },
    };
    const { stdout } = await run('bash', ['-c', script], { cwd, env });
    expect(stdout).not.toMatch(/FAILED|ERR|not found|look at/);
    return stdout;
  }

  const loseEverything = async () => {
    await server.destroyData();
    await server.restart();
  };

  it('compares before anything is done', async () => {
    expect(await shell(commandsUnder('## 1. Which disaster is it?'), 'compare')).toContain('EQUAL');
  });

  it('restores a lost volume and verifies it', async () => {
    await loseEverything();
    const restored = await shell(commandsUnder('## 4. Restore'), 'restore');
    expect(restored).toContain('Restored 300 lines');
    const verify = commandsUnder('## 5. Verify');
    const verified = await shell(verify, 'verify');
    expect(verified.match(/^EQUAL/gm)).toHaveLength(verify.match(/^ceres verify/gm)?.length ?? 0);
    expect(verified).toMatch(/cpu[\s\S]*300/);
  });

  it('wipes bad data and restores', async () => {
    await query(server.url, 'db_0', "DELETE FROM cpu WHERE host = 'h1'");
    const wiped = await shell(commandsUnder('## 3. Wipe, if you must'), 'wipe');
    expect(wiped).toContain('Restored 300 lines');
  });

  it("restores with InfluxDB's own tool alone", async () => {
    await loseEverything();
    await shell(commandsUnder("### With InfluxDB's own tool alone"), 'by-hand');
    const verify = commandsUnder('## 1. Which disaster is it?');
    expect(await shell(verify, 'verify-by-hand')).toContain('EQUAL');
  });

  it.each([...runbook.matchAll(/`(--[a-z-]+ [^`]*)`/g)].map(([, options = '']) => options))(
    'takes %s',
    async (options) => {
      const journal = join(folder, 'dry-run.journal');
      const asked = ['restore', `file://${folder}/backup`, '--instance', instance, '--to', server.url];
      const outcome = await ceres([
        ...asked,
        '--into-existing',
        '--dry-run',
        '--journal',
        journal,
        ...options.split(' '),
      ]);
      expect(outcome).toMatchObject({ exitCode: 0 });
    },
  );
});
