import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { findInfluxBinaries, type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileCeres } from '../support/compiled';
import { ceres } from '../support/in-process';
import { disasters, screensOf, strayMarkers } from './screens/page';
import { comparable, linesOf, typeInto } from './screens/terminal';

const instance = 'influxdb-0.influxdb';
const to = (database: string) => ({ instance, database, retentionPolicy: 'rp_5d' });
/** The end of an hour: the points of each measurement fill the ten minutes before it, which are in one day. */
const endS = Math.floor(Date.now() / 3_600_000 - 2) * 3600;
const policies = () => ({ duration: '5d', replication: 1, isDefault: true });
const points = (usage: number) =>
  ['cpu', 'mem'].flatMap((measurement) =>
    Array.from({ length: 60 }, (_, i) => ({
      measurement,
      tags: { host: 'h1' },
      fields: { usage },
      timestamp: BigInt(endS - 10 * (i + 1)),
    })),
  );
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

describe.skipIf(!(await influxdAvailable()) || process.platform !== 'linux')(
  'the runbook in a terminal of 80 columns',
  () => {
    let folder: string;
    let server: Influxd;
    let deployed = '';
    const backup = () => join(folder, 'backup');

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ceres-screens-'));
      const compiled = compileCeres(join(folder, 'compiled'));
      server = await startInfluxd();
      await ingest(1, 'db_0', 'db_1');
      await cp(backup(), join(folder, 'pristine'), { recursive: true });
      await mkdir(join(folder, 'bin'));
      const run = `#!/bin/sh\nexec ${process.execPath} ${await compiled} "$@"\n`;
      await writeFile(join(folder, 'bin/ceres'), run);
      await chmod(join(folder, 'bin/ceres'), 0o755);
    });
    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** Writes points through a sink; each call makes a file of each database. */
    async function ingest(usage: number, ...databases: string[]): Promise<void> {
      const spoolDir = join(folder, 'spool');
      const sink = await BackupSink.open({ storage: new LocalStorage(backup()), spoolDir, precision: 's', policies });
      for (const database of databases) await sink.write(to(database), points(usage));
      await sink.close();
    }

    /** Makes the backup and the server as they were before any disaster. */
    async function beforeDisaster(): Promise<void> {
      await rm(backup(), { recursive: true, force: true });
      await cp(join(folder, 'pristine'), backup(), { recursive: true });
      await loseData();
      const journal = [
        '--journal-file',
        join(folder, 'before.journal'),
        '--rejects-dir',
        join(folder, 'before-rejects'),
      ];
      expect(await ceres(['restore', backup(), '--to', server.url, ...journal])).toMatchObject({ exitCode: 0 });
      await rm(join(folder, 'before.journal'));
    }

    async function loseData(): Promise<void> {
      await server.destroyData();
      await server.restart();
    }

    const plants: Readonly<Record<string, () => Promise<unknown>>> = {
      'lost volume': loseData,
      corruption: loseData, // the page says to move the data directory away and to start empty
      'lost region': loseData, // a server elsewhere is an empty one
      'dropped database': () => query(server.url, '', 'DROP DATABASE db_0'),
      'dropped measurement': () => query(server.url, 'db_0', 'DROP MEASUREMENT cpu'),
      'bad data': () => query(server.url, 'db_0', `DELETE FROM mem WHERE time >= '${iso(endS - 300)}'`),
      'partial damage': async () => {
        await query(server.url, 'db_0', `DELETE FROM mem WHERE time >= '${iso(endS - 60)}'`);
        await writeRaw(server.url, 'db_0', `cpu,host=h1 usage=-1 ${endS - 10}`, { rp: 'rp_5d', precision: 's' });
      },
      'a gap': async () => {
        for (const database of ['db_0', 'db_1']) {
          await query(server.url, database, `DELETE WHERE time >= '${iso(endS - 300)}'`);
        }
      },
      'bad writes': async () => {
        deployed = new Date(Date.now() + 5).toISOString();
        await new Promise((resolve) => setTimeout(resolve, 20));
        await ingest(-1, 'db_0');
      },
      'damaged backup': async () => {
        await loseData();
        const names = await readdir(join(backup(), instance, 'db_1'), { recursive: true });
        const path = join(backup(), instance, 'db_1', names.find((name) => name.endsWith('.gz')) ?? '');
        await writeFile(path, (await readFile(path)).subarray(0, -20));
      },
    };

    it('names every disaster of its table before the commands for it', () => {
      expect(strayMarkers).toBe(0);
      expect([...disasters].sort()).toEqual(Object.keys(plants).sort());
      expect(disasters.filter((name) => screensOf(name).length === 0)).toEqual([]);
    });

    it.each(Object.entries(plants))('shows what it prints, command by command: %s', async (disaster, plant) => {
      await beforeDisaster();
      await plant();
      const cwd = await mkdtemp(join(folder, 'typed-'));
      const { hostname, port, host } = new URL(server.url);
      const binDir = dirname((await findInfluxBinaries()).influx);
      const env = {
        PATH: `${join(folder, 'bin')}:${binDir}:${process.env.PATH}`,
        BACKUP: `file://${backup()}`,
        INSTANCE: instance,
        INFLUX: server.url,
        INFLUX_HOST: hostname,
        INFLUX_PORT: port,
      };
      const onPage = (screen: string) =>
        screen.replaceAll(`file://${backup()}`, 'gs://my-bucket').replaceAll(host, 'influxdb-0.influxdb:8086');
      for (const { commands, shown } of screensOf(disaster)) {
        const typed = commands
          .replace(/(?<=GOOD_UNTIL=)\S+/, deployed)
          .replace(/(?<=\bFROM=)\S+/, iso(endS - 300))
          .replace(/(?<=\bUNTIL=)\S+/, iso(endS));
        const screen = await typeInto(typed, { cwd, env, answer: host });
        expect.soft(comparable(linesOf(onPage(screen)))).toEqual(comparable(linesOf(shown)));
        // Commands, and keys of files, are on lines of their own, so that they can be copied.
        const tooWide = linesOf(screen).filter((line) => line.length > 80 && line.trim().includes(' '));
        expect.soft(tooWide.filter((line) => !/^ {2}(?:ceres|known\?) /.test(line))).toEqual([]);
      }
    });
  },
);
