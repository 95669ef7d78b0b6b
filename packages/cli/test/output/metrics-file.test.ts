import { watch } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeMetrics } from '../../src/output/metrics/metrics-file';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-metrics-file-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it('a file of metrics is replaced as a whole: who has the older one open reads all of it', async () => {
  const folder = await newFolder();
  const [path, opened] = [join(folder, 'ceres.prom'), join(folder, 'opened')];
  await writeMetrics(path, 'one 1\n');
  await link(path, opened);
  await writeMetrics(path, 'two 2\n');
  expect([await readFile(opened, 'utf8'), await readFile(path, 'utf8')]).toEqual(['one 1\n', 'two 2\n']);
});

it('node exporter never sees a file of metrics that is half written', async () => {
  const folder = await newFolder();
  const seen = new Set<string>();
  const watcher = watch(folder, (_event, name) => seen.add(`${name}`));
  await writeMetrics(join(folder, 'ceres.prom'), 'one 1\n');
  await expect.poll(() => [...seen]).toContain('ceres.prom'); // the last event
  watcher.close();
  expect(seen.size).toBe(2);
  expect([...seen].filter((name) => name.endsWith('.prom'))).toEqual(['ceres.prom']); // it reads what ends so
});

it('metrics that cannot be written are refused with the path and the reason, and leave nothing behind', async () => {
  const folder = await newFolder();
  const path = join(folder, 'a-folder.prom');
  await mkdir(path);
  await expect(writeMetrics(path, 'one 1\n')).rejects.toMatchObject({
    code: 'METRICS_UNWRITABLE',
    message: expect.stringMatching(/^The metrics .*a-folder\.prom cannot be written: EISDIR.*\. Check the folder\.$/),
    cause: expect.objectContaining({ code: 'EISDIR' }),
  });
  expect(await readdir(folder)).toEqual(['a-folder.prom']);
});
