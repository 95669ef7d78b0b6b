import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findInfluxBinaries, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { openDataDirectory } from '@ceres/tsm';
import { afterAll, describe, expect, it } from 'vitest';
import { readContainer, readExport } from './export-content';

const run = promisify(execFile);
const hasExport = spawnSync('influx_inspect', ['help']).error === undefined;

// No value is overwritten or deleted: the export neither merges the generations of a shard nor knows what was deleted.
const inFiles = Array.from(
  { length: 1_500 },
  (_, i) =>
    `cpu,host=a\\ b,zone=\\=x f=${i / 7},i=${i - 700}i,b=${i % 3 === 0} ${1_767_571_200_000_000_000n + BigInt(i)}`,
).join('\n');
const inWal = [
  'odd\\ name,t\\,k=v s="a \\"q\\" \\\\ grüße",f\\ x=-0 1',
  'odd\\ name,t\\,k=v s="two\nlines",f\\ x=5e-324,i=9223372036854775807i 2',
  'odd\\ name s="",i=-9223372036854775808i 9223372036854775806',
].join('\n');

// What the tool writes of `inWal`: a line for each value, the fields of a series in order.
const byHand = `# DDL
CREATE DATABASE exported WITH NAME autogen
# DML
# CONTEXT-DATABASE:exported
# CONTEXT-RETENTION-POLICY:autogen
# writing wal data
odd\\ name i=-9223372036854775808i 9223372036854775806
odd\\ name s="" 9223372036854775806
odd\\ name,t\\,k=v f\\ x=-0 1
odd\\ name,t\\,k=v f\\ x=5e-324 2
odd\\ name,t\\,k=v i=9223372036854775807i 2
odd\\ name,t\\,k=v s="a \\"q\\" \\\\ grüße" 1
odd\\ name,t\\,k=v s="two
lines" 2
`;

describe.skipIf(!(await influxdAvailable()))('a data directory', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  /** Calls `use` with the folder of a server that was killed with these lines in its files and its WAL. */
  async function withServer(files: string, wal: string, use: (folder: string, scratch: string) => Promise<void>) {
    const server = await startInfluxd();
    const scratch = await mkdtemp(join(tmpdir(), 'ceres-tsm-export-'));
    folders.push(scratch);
    try {
      await query(server.url, '', 'CREATE DATABASE exported WITH DURATION INF SHARD DURATION 7d');
      const write = async (lines: string) =>
        expect(await writeRaw(server.url, 'exported', lines, { precision: 'ns' })).toMatchObject({ status: 204 });
      if (files !== '') await write(files);
      // A backup writes the cache into files. What follows stays in the WAL.
      const { influxd } = await findInfluxBinaries();
      const host = `127.0.0.1:${server.rpcPort}`;
      await run(influxd, ['backup', '-portable', '-host', host, '-db', 'exported', join(scratch, 'backup')]);
      await write(wal);
      await server.kill();
      await use(server.dataDir, scratch);
    } finally {
      await server.stop();
    }
  }
  const readOurs = async (folder: string) =>
    readContainer(await openDataDirectory(join(folder, 'data')), (database) => database === 'exported');

  it('is to us what an export written by hand says of it', async () => {
    await withServer('', inWal, async (folder) => {
      const ours = await readOurs(folder);
      expect(ours).toEqual(readExport(byHand));
      expect(ours).not.toEqual(readExport(byHand.replace('x=-0', 'x=0')));
      expect(ours).not.toEqual(readExport(byHand.replace('5807i', '5806i')));
    });
  });

  it.skipIf(!hasExport)('is to us what `influx_inspect export`, where it is on PATH, says of it', async () => {
    await withServer(inFiles, inWal, async (folder, scratch) => {
      const out = join(scratch, 'export');
      const from = ['-datadir', join(folder, 'data'), '-waldir', join(folder, 'wal')];
      await run('influx_inspect', ['export', ...from, '-out', out, '-database', 'exported']);
      const exported = readExport(await readFile(out, 'utf8'));
      expect(exported.size).toBe(1_500 * 3 + 7);
      expect(await readOurs(folder)).toEqual(exported);
    });
  });
});
