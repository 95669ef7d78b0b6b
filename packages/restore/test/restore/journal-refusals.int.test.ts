import { query } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { previewRestore } from '../../src/preview';
import { restore } from '../../src/restore';
import { describeOnInfluxd, fileOf, numbered, startMs } from '../support/ground';
import { unfinish } from '../support/unfinish';

describeOnInfluxd('restore refuses a journal', (ground) => {
  it('of another plan, storage or server, and says which', async () => {
    const file = fileOf(ground);
    await ground.run([file]);
    await unfinish(ground.workspace.journalFile);
    const refusal = (difference: string) => ({
      code: 'JOURNAL_MISMATCH',
      message: expect.stringContaining(difference),
    });
    const databases = [ground.database];
    await expect(ground.run([file], {}, { databases })).rejects.toMatchObject(refusal('plan'));
    const to = { url: 'http://127.0.0.1:1' };
    await expect(ground.run([file], { to })).rejects.toMatchObject(refusal('127.0.0.1:1'));
    const elsewhere = ground.run([{ ...file, openedMs: startMs - 7 }]);
    await expect(elsewhere).rejects.toMatchObject(refusal('a storage that holds'));
  });

  it('but not one that has finished: another restore starts over with it', async () => {
    const file = fileOf(ground);
    await ground.run([file]);
    const databases = [ground.database];
    expect(await ground.run([file], { intoExisting: true }, { databases })).toMatchObject({ files: 1, lines: 10 });
    const elsewhere = [{ ...file, openedMs: startMs - 7 }];
    const again = await ground.run(elsewhere, { intoExisting: true }, { databases });
    expect(again).toMatchObject({ files: 1, lines: 10 });
    expect(again).not.toHaveProperty('alreadyFinished');
    expect(await ground.countOf()).toBe(10);
  });

  it('with done files in a policy that the server no longer has, because the server was replaced', async () => {
    const { database } = ground;
    const files = [fileOf(ground), fileOf(ground, { openedMs: startMs + 1 })];
    await ground.run(files);
    await unfinish(ground.workspace.journalFile, 1);
    await query(ground.influxd.url, '', `DROP DATABASE "${database}"`);
    const refusal = {
      code: 'JOURNAL_MISMATCH',
      message: expect.stringContaining(`the default policy of '${database}'`),
    };
    await expect(ground.run(files)).rejects.toMatchObject(refusal);
    await expect(previewRestore(await ground.planOf(files), ground.options())).rejects.toMatchObject(refusal);
    expect(await ground.rows('SHOW DATABASES')).not.toContainEqual([database]);
    // A policy without a done file loses nothing.
    await unfinish(ground.workspace.journalFile, 0);
    expect(await ground.run(files)).toMatchObject({ files: 2 });
    expect(await ground.countOf()).toBe(10);
  });

  it('with points in a policy without a shard on the server, because it was replaced by one with the same names', async () => {
    const { database } = ground;
    const files = [fileOf(ground), fileOf(ground, { openedMs: startMs + 1 })];
    await ground.run(files);
    await unfinish(ground.workspace.journalFile, 1);
    await query(ground.influxd.url, '', `DROP DATABASE "${database}"`);
    await query(ground.influxd.url, '', `CREATE DATABASE "${database}"`);
    const refusal = { code: 'JOURNAL_MISMATCH', message: expect.stringContaining('holds no points there now') };
    await expect(ground.run(files)).rejects.toMatchObject(refusal);
    await expect(previewRestore(await ground.planOf(files), ground.options())).rejects.toMatchObject(refusal);
    // A policy whose points expire may have none left.
    await query(ground.influxd.url, '', `ALTER RETENTION POLICY "autogen" ON "${database}" DURATION 90w`);
    expect(await ground.run(files)).toMatchObject({ files: 2 });
  });

  it('but not one that resumes after the backup has grown by a database', async () => {
    const files = [fileOf(ground), fileOf(ground, { openedMs: startMs + 1 })];
    await ground.run(files);
    await unfinish(ground.workspace.journalFile, 1);
    const grown = [...files, fileOf(ground, { openedMs: startMs + 2, database: `${ground.database}_new` })];
    expect(await ground.run(grown)).toMatchObject({ files: 2 });
  });

  it('that another restore is using', async () => {
    const plan = await ground.planOf([
      fileOf(ground, { lines: numbered(5_000) }),
      fileOf(ground, { openedMs: startMs + 1, lines: numbered(5_000, 'b') }),
    ]);
    const refused: unknown[] = [];
    const stop = new AbortController();
    const beginRival = async () => {
      await restore(plan, ground.options()).catch((error) => refused.push(error));
      stop.abort(new Error('enough'));
    };
    let rival: Promise<void> | undefined;
    const running = restore(plan, {
      ...ground.options(),
      signal: stop.signal,
      lanes: 8,
      rateLinesPerSecond: 1,
      onProgress: () => {
        rival ??= beginRival();
      },
    });
    await expect(running).rejects.toThrow('enough');
    await rival;
    expect(refused).toMatchObject([{ code: 'JOURNAL_MISMATCH', message: expect.stringContaining('in use by pid') }]);
    expect(await restore(plan, ground.options())).toMatchObject({ lines: 10_000 });
  });
});
