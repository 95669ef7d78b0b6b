import { query } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { previewRestore } from '../../src/preview';
import { restore } from '../../src/restore';
import { quoted } from '../../src/server/connection';
import { nameRefusal } from '../../src/server/left-out/impossible-names';
import type { BackupFile } from '../support/backup';
import { describeOnInfluxd, type Ground, numbered, startMs } from '../support/ground';

const confused: readonly (Partial<BackupFile> & { readonly cause: string })[] = [
  { retentionPolicy: 'undefined', cause: 'no-duration' },
  { retentionPolicy: 'a/b', cause: 'policy-name' },
  { retentionPolicy: 'short', header: { policy: { duration: '1m' } }, cause: 'policy-schema' },
  { database: '..', cause: 'database-name' },
  { database: 'a/b', cause: 'database-name' },
  { database: 'a\u200bb', cause: 'database-name' },
];

function backupWith({ database }: Ground): BackupFile[] {
  return [
    { database, openedMs: startMs, lines: numbered(10) },
    {
      database,
      retentionPolicy: 'r:x',
      header: { policy: { duration: 'INF' } },
      openedMs: startMs,
      lines: numbered(5),
    },
    ...confused.map(({ cause: _, ...file }, i) => ({
      database,
      openedMs: startMs + i + 1,
      lines: numbered(3),
      ...file,
    })),
  ];
}

describeOnInfluxd('A name that the server cannot have', (ground) => {
  it('keeps nothing else from being restored, and is reported with its reason, by a preview too', async () => {
    const plan = await ground.planOf(backupWith(ground));
    const causes = confused.map(({ database = ground.database, retentionPolicy = '', cause }) => {
      return expect.objectContaining({ database, retentionPolicy, cause, files: 1 });
    });
    const preview = await previewRestore(plan, ground.options());
    expect(preview.leftOut).toHaveLength(causes.length);
    expect(preview.leftOut).toEqual(expect.arrayContaining(causes));
    const report = await restore(plan, ground.options());
    expect(report).toMatchObject({ lines: 15, files: 2, damagedFiles: [], leftOut: preview.leftOut });
    expect([await ground.countOf(), await ground.countOf('"r:x".m')]).toEqual([10, 5]);
  });

  it('is restored by the same journal once the options say how', async () => {
    const plan = await ground.planOf(backupWith(ground));
    await restore(plan, ground.options());
    expect(await restore(plan, ground.options())).toMatchObject({ lines: 15, leftOut: { length: confused.length } });
    const policies = { undefined: { duration: 'INF' }, short: { duration: 'INF' } };
    const report = await restore(plan, { ...ground.options(), policies });
    expect(report.lines).toBe(21);
    expect(report.leftOut).toHaveLength(confused.length - 2);
    expect(await ground.countOf('"undefined".m')).toBe(3);
  });

  it('is restored under another name', async () => {
    const { database } = ground;
    const files = [{ database: 'a/b', openedMs: startMs, lines: numbered(3) }];
    await expect(ground.run(files)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('mapDatabase'),
    });
    expect(await ground.run(files, { mapDatabase: { 'a/b': database } })).toMatchObject({ lines: 3, leftOut: [] });
  });

  it('keeps only its own records from being restored if its files hold records of other policies', async () => {
    const { database } = ground;
    const lines = `${numbered(4)}# CONTEXT-RETENTION-POLICY: undefined\n${numbered(3, 'b')}`;
    const file = { database, openedMs: startMs, lines, header: { mixed: ['', 'undefined'] } };
    const report = await ground.run([file]);
    expect(report).toMatchObject({
      lines: 4,
      damagedFiles: [],
      leftOut: [{ database, retentionPolicy: 'undefined', cause: 'no-duration', isShared: true }],
    });
    expect(await ground.countOf()).toBe(4);
  });

  it('keeps no records of another database with a policy of that name from being restored', async () => {
    const { database } = ground;
    const other = `${database} b`;
    const mixed = { openedMs: startMs, header: { mixed: ['', 'undefined'] } };
    const lines = `${numbered(4)}# CONTEXT-RETENTION-POLICY: undefined\n${numbered(3, 'b')}`;
    const retentionPolicy = 'undefined';
    const header = { policy: { duration: 'INF' } };
    const known = { database: other, retentionPolicy, openedMs: startMs + 1, lines: numbered(2, 'c'), header };
    const report = await ground.run([{ ...mixed, database, lines }, { ...mixed, database: other, lines }, known]);
    expect(report).toMatchObject({ lines: 4 + 4 + 3 + 2, damagedFiles: [], leftOut: [{ database, retentionPolicy }] });
    expect([await ground.countOf('m', other), await ground.countOf('"undefined".m', other)]).toEqual([4, 5]);
  });

  it('is one that InfluxDB refuses, and no other', async () => {
    const names = [
      '.',
      '..',
      'a/b',
      'a\\b',
      'a\nb',
      '\u00a0',
      '\u200b',
      '\u2028',
      '\u007f',
      'x'.repeat(256),
      'é'.repeat(128),
    ];
    const good = [' ', 'a:b', 'é', '☃', '😀', '~a', 'undefined', 'x'.repeat(255), 'a"b', "a'b", 'a,b=c'];
    const refused: string[] = [];
    for (const name of [...names, ...good]) {
      await query(ground.influxd.url, '', `CREATE DATABASE ${quoted(name)}`).catch(() => refused.push(name));
    }
    expect(refused).toEqual(names);
    expect([...names, ...good].filter((name) => nameRefusal(name) !== undefined)).toEqual(names);
  });
});
