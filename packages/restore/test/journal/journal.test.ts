import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { systemClock } from '@ceres/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoneFile } from '../../src/journal/done-files';
import { Journal } from '../../src/journal/journal';
import type { JournalHeader } from '../../src/journal/journal-entry';
import { remainingFiles } from '../../src/journal/remaining-files';
import type { RestoreProgress } from '../../src/options/restore';
import type { OrderedFile } from '../../src/plan/order';
import { Progress } from '../../src/replay/progress';
import { openWorkspace, type Workspace } from '../support/workspace';

const identity = { plan: 'p', target: 'http://x/', mapDatabase: {}, mapRetentionPolicy: {}, precision: 's' };
const header: JournalHeader = { journal: 1, ...identity, bound: { openedMs: 1, id: 'a', weakMs: -1 }, newestKey: 'k' };
const done = (key: string) => ({ key, lines: 10, expired: 1, rejected: 2 });

describe('Journal', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await openWorkspace();
  });
  afterEach(() => workspace.remove());

  const begun = async () => {
    const journal = await Journal.open(workspace.journalFile, identity);
    await journal.begin(header);
    return journal;
  };
  const reopened = () => Journal.open(workspace.journalFile, identity);

  it('keeps what is done across runs, and forgets a line that was cut off', async () => {
    const journal = await begun();
    await journal.add([done('a'), done('b')]);
    await journal.close();
    await appendFile(workspace.journalFile, '{"done":"c","lin');

    const again = await reopened();
    expect(again.done.totals()).toMatchObject({ files: 2, lines: 20, expired: 2, rejected: 4 });
    await again.add([done('c')]);
    await again.close();
    const last = await reopened();
    expect(last.done.length).toBe(3);
    await last.close();
  });

  it('creates nothing before it is begun', async () => {
    await reopened();
    await expect(readFile(workspace.journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses a journal of another plan, server or map, and a file that is not a journal', async () => {
    await (await begun()).close();
    for (const other of [{ plan: 'q' }, { target: 'http://y/' }, { mapDatabase: { a: 'b' } }]) {
      const opened = Journal.open(workspace.journalFile, { ...identity, ...other });
      await expect(opened).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    }
    await writeFile(workspace.journalFile, 'my own notes');
    await expect(reopened()).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    expect(await readFile(workspace.journalFile, 'utf8')).toBe('my own notes');
  });

  it('distinguishes a wipe that has begun from one that is done', async () => {
    const journal = await Journal.open(workspace.journalFile, identity);
    await journal.begin({ ...header, wipe: [3, 4] });
    expect([journal.hasWipe, journal.shardsToDrop]).toEqual([true, [3, 4]]);
    await journal.close();
    const again = await reopened();
    expect(again.shardsToDrop).toEqual([3, 4]);
    await again.wiped();
    await again.close();
    const last = await reopened();
    expect([last.hasWipe, last.shardsToDrop]).toEqual([true, undefined]);
    await last.close();
  });

  it('has the wipe in its first line, so that no kill leaves a journal without it', async () => {
    const journal = await Journal.open(workspace.journalFile, identity);
    await journal.begin({ ...header, wipe: [] });
    await journal.close();
    expect((await readFile(workspace.journalFile, 'utf8')).trimEnd().split('\n')).toHaveLength(1);
    const again = await reopened();
    expect([again.hasWipe, again.shardsToDrop]).toEqual([true, []]);
    await again.close();
  });

  it('reads an older journal, with the wipe in a line of its own', async () => {
    await (await begun()).close();
    await appendFile(workspace.journalFile, '{"wipe":[3]}\n');
    const again = await reopened();
    expect([again.hasWipe, again.shardsToDrop]).toEqual([true, [3]]);
    await again.close();
  });

  /** The keys of set-aside files that are still damaged. */
  const stillDamaged = new Set<string>();
  const replayed = async (journal: Journal, keys: readonly string[], report?: (progress: RestoreProgress) => void) => {
    const files = (async function* () {
      for (const key of keys) yield { key, sizeBytes: 1 } as OrderedFile;
    })();
    const left: string[] = [];
    const progress = new Progress({ files: keys.length, bytes: keys.length }, systemClock, report);
    const earlier = {
      onDoneBefore: (file: { readonly lines: number; readonly sizeBytes: number }) => progress.doneBefore(file),
      isStillDamaged: async ({ key }: OrderedFile) => stillDamaged.has(key),
    };
    for await (const { key } of remainingFiles(files, journal, earlier)) left.push(key);
    progress.end();
    return left;
  };

  const setAside = (key: string): DoneFile => {
    const damage = { name: key, key, problem: 'cut-off', reason: 'it is cut off', lines: 5, first: 1n } as const;
    return { key, lines: 0, expired: 0, rejected: 0, damage };
  };

  it('names a file that was set aside again on every resume, and goes on behind it while it is damaged', async () => {
    const first = await begun();
    await first.add([done('a'), setAside('b'), done('c')]);
    await first.close();
    stillDamaged.add('b');
    const journal = await reopened();
    expect(journal.done.totals()).toMatchObject({ files: 2, lines: 20, damagedFiles: [setAside('b').damage] });
    expect(await replayed(journal, ['a', 'b', 'c', 'd'])).toEqual(['d']);
    expect(journal.done.totals().damagedFiles).toHaveLength(1);
    await journal.close();
  });

  it('replays a file that was set aside once it can be sent, and every file behind it', async () => {
    const journal = await begun();
    await journal.add([done('a'), setAside('b'), done('c')]);
    stillDamaged.clear();
    expect(await replayed(journal, ['a', 'b', 'c', 'd'])).toEqual(['b', 'c', 'd']);
    expect(journal.done.totals()).toMatchObject({ files: 1, damagedFiles: [] });
    await journal.close();
  });

  it('starts the progress of a resume where the previous run ended: files, bytes and lines', async () => {
    const journal = await begun();
    await journal.add([done('a'), done('b')]);
    const reports: RestoreProgress[] = [];
    await replayed(journal, ['a', 'b', 'c'], (progress) => reports.push(progress));
    expect(reports).toMatchObject([{ files: 2, bytes: 2, lines: 20 }]);
    await journal.close();
  });

  it('does not change when another process looks at it, even during a write', async () => {
    await (await begun()).close();
    await appendFile(workspace.journalFile, '{"done":"c","lin');
    const before = await readFile(workspace.journalFile, 'utf8');
    const looked = await Journal.open(workspace.journalFile, identity, 'look');
    expect(looked.header).toEqual(header);
    await looked.close();
    expect(await readFile(workspace.journalFile, 'utf8')).toBe(before);
  });

  it('replays from the first file that is not done', async () => {
    const journal = await begun();
    await journal.add([done('a'), done('b')]);
    expect(await replayed(journal, ['a', 'b', 'c', 'd'])).toEqual(['c', 'd']);
    await journal.close();
  });

  it('replays everything after a file that arrived late, also after another kill', async () => {
    const journal = await begun();
    await journal.add([done('a'), done('b'), done('c')]);
    expect(await replayed(journal, ['a', 'late', 'b', 'c'])).toEqual(['late', 'b', 'c']);
    await journal.add([done('late')]);
    await journal.close();
    const again = await reopened();
    expect(await replayed(again, ['a', 'late', 'b', 'c'])).toEqual(['b', 'c']);
    await again.close();
  });

  it('replays after a late file only what goes into its database, by the names on the server, also after another kill', async () => {
    const key = (database: string, n: number) =>
      `src/${database}/rp/20240110/018cf0e0-0000-7000-8000-00000000000${n}.gz`;
    const mapped = { ...identity, mapDatabase: { b: 'a' } };
    const journal = await Journal.open(workspace.journalFile, mapped);
    await journal.begin({ ...header, ...mapped });
    // Both `a` and `b` go into `a`.
    const first = [key('a', 1), key('b', 3), key('c', 4)];
    await journal.add(first.map(done));
    const all = [key('a', 1), key('a', 2), key('b', 3), key('c', 4), key('d', 5)];
    expect(await replayed(journal, all)).toEqual([key('a', 2), key('b', 3), key('d', 5)]);
    expect(journal.done.totals().files).toBe(2);
    await journal.add([done(key('a', 2))]);
    await journal.close();
    const again = await Journal.open(workspace.journalFile, mapped);
    expect(await replayed(again, all)).toEqual([key('b', 3), key('d', 5)]);
    await again.close();
  });

  it('replays everything by a journal of an older version, in which a late file was of all databases', async () => {
    const journal = await begun();
    await journal.add([done('a'), done('b')]);
    await journal.close();
    await appendFile(workspace.journalFile, '{"rewind":1}\n');
    const again = await reopened();
    expect(await replayed(again, ['a', 'b'])).toEqual(['a', 'b']);
    await again.close();
  });

  it('skips files that are done and have left the storage', async () => {
    const journal = await begun();
    await journal.add([done('a'), done('b'), done('c')]);
    expect(await replayed(journal, ['c', 'd'])).toEqual(['d']);
    await journal.close();
  });
});
