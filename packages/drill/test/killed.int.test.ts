import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisProcess } from '@ceres/internal';
import { LocalStorage } from '@ceres/storage';
import { influxdAvailable, startProgram } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { removeLeftovers } from '../src/folder/leftovers';
import { writeBackup } from './support/backup';
import { drillGround, influxdIn, processesIn } from './support/ground';

const child = new URL('./support/drill-child.ts', import.meta.url);

describe.skipIf(!(await influxdAvailable()))('a drill that is killed', () => {
  const ground = drillGround();

  const begin = async () => {
    const root = await mkdtemp(join(tmpdir(), 'ceres-drill-backup-'));
    onTestFinished(() => rm(root, { recursive: true }));
    await writeBackup(new LocalStorage(root), {});
    const program = await startProgram(child, { ROOT: root, WORK: ground.workDir });
    await program.printed(/restore/);
    return { program, influxd: await influxdIn(ground.workDir) };
  };
  const nothingLeft = async () => {
    while ((await readdir(ground.workDir)).length + (await processesIn(ground.workDir)).length > 0) {
      await new Promise((next) => setTimeout(next, 10));
    }
  };

  it('leaves neither its server nor its folder', async () => {
    const { program } = await begin();
    program.signal('SIGKILL');
    await nothingLeft();
    await program.remove();
  });

  it('together with the guard of its server is tidied up by the next one', async () => {
    const { program, influxd } = await begin();
    const guard = (await processesIn(ground.workDir)).find(({ words }) => words.includes('sh'));
    process.kill(guard?.pid ?? 0, 'SIGKILL');
    program.signal('SIGKILL');
    await program.exited;
    expect((await processesIn(ground.workDir)).map(({ pid }) => pid)).toEqual([influxd]);
    const { removed, kept } = await removeLeftovers(ground.workDir);
    expect([removed.length, kept]).toEqual([1, []]);
    await program.remove();
  });
});

describe('what another program left', () => {
  const ground = drillGround();

  it('is not touched, nor what belongs to a drill that runs, or may run', async () => {
    const { workDir } = ground;
    const own = thisProcess();
    const folders: Readonly<Record<string, unknown>> = {
      'ceres-drill-1-1-notours': undefined,
      'ceres-drill-999999-1-0000aaaa': undefined, // a name like ours, without an owner, and with something in it
      [`ceres-drill-${own.pid}-${own.startedTicks}-0000bbbb`]: own,
      'ceres-drill-7-7-0000cccc': { ...own, bootId: 'another' },
      'ceres-drill-8-8-0000dddd': { ...own, startedTicks: '1', thread: undefined },
      'ceres-drill-999999-1-0000eeee': 'cut',
    };
    for (const [name, owner] of Object.entries(folders)) {
      await mkdir(join(workDir, name));
      if (owner === 'cut') await writeFile(join(workDir, name, 'drill.json'), '{"ceresDrill":1,"own');
      else if (owner !== undefined)
        await writeFile(join(workDir, name, 'drill.json'), JSON.stringify({ ceresDrill: 1, owner }));
      else await writeFile(join(workDir, name, 'precious'), '');
    }
    const { removed, kept } = await removeLeftovers(workDir);
    const names = (paths: readonly string[]) => paths.map((path) => path.slice(path.lastIndexOf('/') + 1)).sort();
    expect(names(removed)).toEqual(['ceres-drill-8-8-0000dddd', 'ceres-drill-999999-1-0000eeee']);
    expect(names(kept)).toEqual(['ceres-drill-7-7-0000cccc']);
    expect(await readdir(workDir)).toHaveLength(4);
    for (const name of await readdir(workDir)) await rm(join(workDir, name), { recursive: true });
  });
});
