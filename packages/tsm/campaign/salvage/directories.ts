import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findInfluxBinaries, query, startInfluxd } from '@ceres/testkit';
import { randomFields } from '../fuzz/random-fields';
import { linesOf, windows, write } from '../fuzz/server-lines';

const run = promisify(execFile);
const POINTS = 12_000;

/** Unpacks a data directory that another version of InfluxDB wrote. */
export async function unpackFixture(name: string, path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  await run('tar', ['xzf', fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)), '-C', path]);
  return path;
}

/** Has a server write a data directory: fields of every type, several files in a shard, tombstones, and points that only the WAL holds. */
export async function directoryOf(path: string, random: () => number): Promise<string> {
  const server = await startInfluxd({ settings: { data: { 'index-version': random() < 0.5 ? 'inmem' : 'tsi1' } } });
  try {
    await query(server.url, '', 'CREATE DATABASE db WITH DURATION INF SHARD DURATION 7d');
    for (const part of ['first', 'second', 'third'] as const) {
      for (const [i, window] of windows.entries()) {
        const fields = randomFields(random, POINTS / 6, window, 'a server').map((one) => ({
          ...one,
          measurement: `${part === 'second' ? 'more' : 'some'} ${part === 'third' ? 'third ' : ''}${one.measurement} ${i}`,
        }));
        for (const lines of linesOf(fields)) await write(server, 'db', lines);
      }
      if (part === 'third') continue;
      await flush(server.rpcPort);
      await query(server.url, 'db', 'DELETE FROM "some m 0 0" WHERE time < 1767572000000000000');
    }
    await server.kill();
    for (const name of ['data', 'wal', 'meta'])
      await cp(join(server.dataDir, name), join(path, name), { recursive: true });
    await rm(join(path, 'data/_internal'), { recursive: true, force: true });
    await rm(join(path, 'wal/_internal'), { recursive: true, force: true });
    return path;
  } finally {
    await server.stop();
  }
}

/** A backup makes a server write its caches into files. */
async function flush(rpcPort: number): Promise<void> {
  const { influxd } = await findInfluxBinaries();
  const folder = await mkdtemp(join(tmpdir(), 'ceres-salvage-flush-'));
  await run(influxd, ['backup', '-portable', '-host', `127.0.0.1:${rpcPort}`, '-db', 'db', folder]);
  await rm(folder, { recursive: true });
}
