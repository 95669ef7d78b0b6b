import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { DoneShard, JournalHeader, SeedIdentity } from '../../src/journal/entries';
import { Journal } from '../../src/journal/journal';

const identity: SeedIdentity = {
  instance: 'i',
  source: 'tcp://127.0.0.1:8088',
  again: false,
  databases: null,
  retentionPolicies: null,
  measurements: null,
  from: null,
  until: null,
};
const header: JournalHeader = { seed: 1, id: 'an id', identity, takenMs: 5, precision: 's', firstNumber: 7 };
const shard = { database: 'db', retentionPolicy: 'rp', id: 3 };
const file = { key: 'k', bytes: 1, digest: 'd', lines: 2, firstNs: -(2n ** 63n), lastNs: 2n ** 63n - 1n, sha256: 's' };
const done: DoneShard = { shard, files: [file], points: 2, losses: ['one'] };

describe('a journal', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-seed-journal-'));
    path = join(folder, 'journal');
    folders.push(folder);
  });
  const folders: string[] = [];
  afterAll(async () => {
    for (const one of folders) await rm(one, { recursive: true });
  });

  async function resumed(): Promise<Journal> {
    return (await Journal.resume(path, identity)) ?? expect.fail('There is no journal.');
  }

  it('keeps what is done, and never issues a number twice', async () => {
    const journal = await Journal.begin(path, folder, header);
    expect([await journal.issue(), await journal.issue()]).toEqual([7, 8]);
    await journal.finishShard(done);
    await journal.close();
    const again = await resumed();
    expect(again.header).toEqual(header);
    expect(again.done).toEqual([done]);
    expect(again.isDone(shard)).toBe(true);
    expect(again.finishedMs).toBeUndefined();
    expect(await again.issue()).toBe(9);
    await again.finish(12);
    await again.close();
    const finished = await resumed();
    expect(finished.finishedMs).toBe(12);
    await finished.close();
  });

  it('forgets a shard that must be read once more', async () => {
    const journal = await Journal.begin(path, folder, header);
    await journal.finishShard(done);
    await journal.redo(shard);
    await journal.close();
    const again = await resumed();
    expect([again.isDone(shard), again.done]).toEqual([false, []]);
    await again.close();
  });

  it('goes on behind a line that a crash has cut', async () => {
    const journal = await Journal.begin(path, folder, header);
    await journal.issue();
    await journal.close();
    await appendFile(path, '{"number":');
    const again = await resumed();
    expect(await again.issue()).toBe(8);
    await again.close();
    expect(await readFile(path, 'utf8')).toMatch(/\n\{"number":7\}\n\{"number":8\}\n$/);
  });

  it('refuses that of another seed, and one that cannot be understood', async () => {
    const journal = await Journal.begin(path, folder, header);
    await journal.close();
    const other = { ...identity, databases: ['db'] };
    await expect(Journal.resume(path, other)).rejects.toMatchObject({ code: 'WORK_FOLDER' });
    await writeFile(path, '{"seed":2}\n');
    await expect(Journal.resume(path, identity)).rejects.toMatchObject({ code: 'WORK_FOLDER' });
    await writeFile(path, 'no JSON\n');
    await expect(Journal.resume(path, identity)).rejects.toMatchObject({ code: 'WORK_FOLDER' });
  });

  it('that has not even its first line is none', async () => {
    expect(await Journal.resume(path, identity)).toBeUndefined();
    await writeFile(path, '{"seed":1');
    expect(await Journal.resume(path, identity)).toBeUndefined();
  });
});
