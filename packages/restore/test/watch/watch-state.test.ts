import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CoveredTime } from '../../src/watch/time/covered-time';
import { readState, type WatchState, writeState } from '../../src/watch/watch-state';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-watch-state-'));
});
afterAll(() => rm(folder, { recursive: true }));

const state: WatchState = {
  instance: 'influxdb-0',
  server: 'http://a:8086/',
  sinceMs: 1,
  lastRunMs: 2,
  listed: { newestMs: 3, newestKeys: ['k'] },
  pending: new Map([['unvouched/x', 2]]),
  databases: new Map([
    [
      'a"b\n<script>',
      {
        covered: new CoveredTime([{ from: -5n, until: 9n, comparedMs: 7 }]),
        open: [{ from: 1n, until: 2n }],
        activeAskedMs: 4,
      },
    ],
  ]),
};
const read = async (path: string, server = state.server, nowMs = 10) =>
  await readState(path, state.instance, server, nowMs);

it('a state reads back as it was written, whatever a database is called', async () => {
  const path = join(folder, 'whole.json');
  await writeState(path, state);
  expect(await read(path)).toEqual(state);
});

it('a state of another server, of the future, or one that is damaged, counts as none', async () => {
  const path = join(folder, 'other.json');
  await writeState(path, state);
  const none = { lastRunMs: undefined, databases: new Map() };
  expect(await read(path, 'http://b:8086/')).toMatchObject(none);
  expect(await read(path, state.server, 1)).toMatchObject(none);
  for (const text of [
    '',
    '{',
    'null',
    '{"format":1}',
    '[]',
    '{"format":1,"instance":"influxdb-0","server":"http://a:8086/","sinceMs":1,"pending":[],"databases":[{"name":"x","open":[],"compared":[["9","1",1]]}]}',
  ]) {
    await writeFile(path, text);
    expect(await read(path)).toMatchObject(none);
  }
  expect(await read(join(folder, 'absent.json'))).toMatchObject(none);
});

it('a state that cannot be read or written says so, with the option that names another', async () => {
  const error = { code: 'STATE_UNUSABLE', message: expect.stringMatching(/--state-file/) };
  await expect(read(folder)).rejects.toMatchObject(error);
  await expect(writeState(join(folder, 'no', 'such.json'), state)).rejects.toMatchObject(error);
});
