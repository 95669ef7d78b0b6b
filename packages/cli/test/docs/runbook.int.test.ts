import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BackupSink, type BackupSinkOptions, createTee, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import type { Point } from '@ceres/lineproto';
import { findInfluxBinaries, type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileCeres } from '../support/compiled';
import { ceres } from '../support/in-process';

const run = promisify(execFile);
const runbook = await readFile(new URL('../../../../docs/disaster-recovery.md', import.meta.url), 'utf8');
const instance = 'influxdb-0.influxdb';

const firstStep = '## 1. Is the backup there, and which disaster is it?';

const policies = () => ({ duration: '5d', replication: 1, isDefault: true });
const nowS = BigInt(Math.floor(Date.now() / 1000));
const points = Array.from({ length: 300 }, (_, i) => ({
  measurement: 'cpu',
  tags: { host: `h${i % 3}` },
  fields: { usage: i },
  timestamp: nowS - BigInt(i),
}));

/** Replaces times by some between which there are files and points: a restore of nothing is refused. */
function aroundNow(options: string): string {
  const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  return options
    .replace(/(--(?:opened-)?from) \S+/, `$1 ${hoursFromNow(-1)}`)
    .replace(/(--until|--opened-before) \S+/, `$1 ${hoursFromNow(1)}`);
}

/** Returns the `sh` blocks under a heading, one after another. */
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
  let program: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-runbook-'));
    [server, program] = await Promise.all([startInfluxd(), compileCeres(join(folder, 'compiled'))]);
    binDir = dirname((await findInfluxBinaries()).influx);
    await query(server.url, '', 'CREATE DATABASE db_0');
    await query(server.url, '', 'CREATE RETENTION POLICY rp_5d ON db_0 DURATION 5d REPLICATION 1 DEFAULT');
    await ingest(points.slice(150)); // by a sink that does not know the policies: its files do not say how to create them
    await ingest(points.slice(0, 150), { policies });
  });

  /** Writes through a tee, into a file of its own. */
  async function ingest(written: readonly Point[], options: Pick<BackupSinkOptions, 'policies'> = {}): Promise<void> {
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's', ...options });
    const influx = new InfluxWriter({ url: server.url });
    await createTee(influx, sink, { instance }).write({ database: 'db_0', retentionPolicy: 'rp_5d' }, written);
    await sink.close();
    await influx.close();
  }

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs commands in a folder of their own; `gsutil`, which is neither ours nor InfluxDB's, is replaced by a stand-in. */
  async function shell(commands: string, name: string, exitCode = 0): Promise<string> {
    const { hostname, port } = new URL(server.url);
    const cwd = join(folder, name);
    await mkdir(cwd);
    const script = `
exec 2>&1
ceres() {
  case "$*" in *--wipe*|heal*) set -- "$@" --yes ;; esac
  "$NODE" "$CERES" "$@" || { code=$?; [ $code = ${exitCode} ] || echo "ceres $1 FAILED with $code"; }
}
gsutil() {
  [ -d "$5" ] || { echo "CommandException: arg ($5) does not name a directory: FAILED"; return 1; }
  cp -r "$(echo "$4" | sed 's#^file://##')/." "$5"
}
${commands}`;
    const env = {
      ...process.env,
      PATH: `${binDir}:${process.env.PATH}`,
      HOME: cwd,
      NODE: process.execPath,
      CERES: program,
      BACKUP: `file://${folder}/backup`,
      INSTANCE: instance,
      INFLUX: server.url,
      INFLUX_HOST: hostname,
      INFLUX_PORT: port,
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
    const said = await shell(commandsUnder(firstStep), 'compare');
    expect(said).toMatch(/^influxdb-0\.influxdb: good\nEverything acked up to /m);
    expect(said).toContain('EQUAL');
  });

  it('heals partial damage', async () => {
    await query(server.url, 'db_0', `DELETE FROM cpu WHERE time >= ${nowS - 9n}s`);
    await writeRaw(server.url, 'db_0', `cpu,host=h1 usage=-1 ${nowS - 10n}`, { rp: 'rp_5d', precision: 's' });
    const healed = await shell(commandsUnder('### Partial damage'), 'heal', 4);
    expect(healed.match(/^To heal: 1 point with other values, and 10 missing, of 300 compared\.$/gm)).toHaveLength(2);
    expect(healed).toMatch(/^Wrote 11 values in 11 points\.[\s\S]*^EQUAL/m);
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

  it('restores a lost volume the fast way, as shards', async () => {
    await loseEverything();
    const commands = [...runbook.matchAll(/^ceres restore .*--native tcp:.*$/gm)].map(([command]) => `${command}\n`);
    expect(commands).toHaveLength(2); // a dry run first
    const here = commands
      .join('')
      .replaceAll('http://127.0.0.1:8086', server.url)
      .replaceAll('tcp://127.0.0.1:8088', `tcp://127.0.0.1:${server.rpcPort}`);
    const said = await shell(
      `${here}ceres verify $BACKUP --instance $INSTANCE --to $INFLUX --level content`,
      'fast-way',
    );
    expect(said).toMatch(/^would need about .* of scratch space/m);
    expect(said).toContain('Restored 300 lines of 2 files');
    expect(said).toMatch(/^EQUAL .*300 points/m);
  });

  it('wipes bad data and restores', async () => {
    await query(server.url, 'db_0', "DELETE FROM cpu WHERE host = 'h1'");
    const wiped = await shell(commandsUnder('## 3. Wipe, if you must'), 'wipe');
    expect(wiped).toContain('Restored 300 lines');
  });

  it('wipes and restores one database', async () => {
    await query(server.url, 'db_0', "DELETE FROM cpu WHERE host = 'h2'");
    const [, ofOne = ''] = commandsUnder('## 3. Wipe, if you must').split('export DB=');
    const wiped = await shell(`export DB=${ofOne.split('influx -host')[0]}`, 'wipe-one');
    expect(wiped).toMatch(/^would drop: \d+ shards? of db_0\.rp_5d with 200 points$/m);
    expect(wiped).toContain('Restored 300 lines');
  });

  it('restores a dropped database, and again in the same folder when it is dropped once more', async () => {
    const drop = "influx -host $INFLUX_HOST -port $INFLUX_PORT -execute 'DROP DATABASE db_0'\n";
    const commands = commandsUnder('### A dropped database');
    const again = /^ceres restore (?!.*--dry-run).*$/m.exec(commands)?.[0];
    const said = await shell(`${drop}${commands}${drop}${again}`, 'dropped-database');
    expect(said.match(/^Restored 300 lines of 2 files in /gm)).toHaveLength(2);
    expect(said.match(/^EQUAL .*300 points/gm)).toHaveLength(1);
  });

  it('restores a dropped measurement beside other points', async () => {
    await query(server.url, 'db_0', 'DROP MEASUREMENT cpu');
    await writeRaw(server.url, 'db_0', 'other v=1', { rp: 'rp_5d' });
    const said = await shell(commandsUnder('### A dropped measurement'), 'dropped-measurement');
    expect(said).toContain('Restored 300 lines');
    expect(said).toMatch(/^EQUAL .*300 points/m);
    await query(server.url, 'db_0', 'DROP MEASUREMENT other');
  });

  it("restores with InfluxDB's own tool alone", async () => {
    await loseEverything();
    const said = await shell(commandsUnder("### With InfluxDB's own tool alone"), 'by-hand');
    const schemas = said.match(/^# CONTEXT-DATABASE: db_0 +# CONTEXT-RETENTION-POLICY: rp_5d .*$/gm);
    expect(schemas?.map((schema) => schema.includes('# CERES-POLICY: duration=5d')).sort()).toEqual([false, true]);
    const verify = commandsUnder(firstStep);
    expect(await shell(verify, 'verify-by-hand')).toContain('EQUAL');
  });

  it('sets a damaged file aside, and sends what was salvaged of it once a human has looked', async () => {
    await loseEverything();
    const names = await readdir(join(folder, 'backup'), { recursive: true });
    const path = join(folder, 'backup', names.find((name) => name.includes('/rp_5d/') && name.endsWith('.gz')) ?? '');
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, -20));
    const said = await shell(commandsUnder('### Damaged files'), 'damaged', 3);
    await writeFile(path, whole);
    expect(said).toMatch(/^Set aside as a whole: cut-off: .*150 lines from .* at risk/m);
    expect(said).toContain('Restored 150 lines of 1 file');
    expect(said).toMatch(/^Restored [23]\d\d lines of 2 files/m);
  });

  it('leaves out what a deploy wrote, and restores what was there before', async () => {
    await pause(50);
    const deployed = new Date().toISOString();
    await pause(50);
    await ingest(
      points.map((point) => ({ ...point, fields: { usage: -1 } })),
      { policies },
    );
    const commands = commandsUnder('### Bad writes').replace('2026-11-23T02:35:00Z', deployed);
    const said = await shell(commands, 'bad-writes');
    expect(said).toContain('Restored 300 lines');
    expect(said).toMatch(/^EQUAL .*300 points/m);
    expect(await query(server.url, 'db_0', 'SELECT usage FROM rp_5d.cpu WHERE usage < 0')).toEqual([]);
  });

  it('restores a lost volume while a service goes on writing', async () => {
    await loseEverything();
    const storage = new LocalStorage(join(folder, 'backup'));
    const spoolDir = join(folder, 'spool-live');
    const sink = await BackupSink.open({
      storage,
      spoolDir,
      precision: 's',
      heartbeatMs: 200,
      segmentAgeMsMax: 1_000,
      policies,
    });
    const influx = new InfluxWriter({ url: server.url });
    const tee = createTee(influx, sink, { instance, onInfluxError: 'resolve' });
    let isOver = false;
    const writing = (async () => {
      for (let usage = 1_000; !isOver; usage += 1) {
        const again = points.slice(-1).map((point) => ({ ...point, fields: { usage } }));
        await tee.write({ database: 'db_0', retentionPolicy: 'rp_5d' }, again);
        await pause(20);
      }
    })();
    let said: string;
    try {
      said = await shell(commandsUnder('### While ingestion goes on'), 'live');
    } finally {
      isOver = true;
      await writing;
      await sink.close();
      await influx.close();
    }
    const verified = await shell(
      'ceres verify $BACKUP --instance $INSTANCE --to $INFLUX --level content\n',
      'verify-live',
    );
    expect(verified).toMatch(/^EQUAL/m);
    expect(said).toMatch(/^Restored \d+ lines of \d+ files/m);
    expect(said).toMatch(/^Compared with what came while it ran: /m);
    expect(said).toMatch(/^EQUAL {2}\(content/m);
  });

  it.each([...runbook.matchAll(/`(--[a-z-]+ [^`]*)`/g)].map(([, options = '']) => options))(
    'takes %s',
    async (options) => {
      const journal = join(folder, 'dry-run.journal');
      const names = await readdir(join(folder, 'backup'), { recursive: true });
      const key = names.find((name) => name.startsWith(instance) && name.endsWith('.gz')) ?? '';
      const asked = ['restore', `file://${folder}/backup`, '--instance', instance, '--to', server.url];
      const outcome = await ceres([
        ...asked,
        '--into-existing',
        '--dry-run',
        '--journal-file',
        journal,
        ...aroundNow(options).replace('KEY', key).split(' '),
      ]);
      expect(outcome).toMatchObject({ exitCode: 0 });
    },
  );
});
