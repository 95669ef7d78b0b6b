import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { influxTool, query } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { type BackupFile, gzOf, keyOf } from '../support/backup';
import { describeOnInfluxd, type Ground, numbered, startMs, startS } from '../support/ground';

describeOnInfluxd('restore of a damaged file', (ground) => {
  it('continues after files that are corrupt, cut off, empty, foreign or not gzip, and names each of them', async () => {
    const whole = { database: ground.database, openedMs: startMs, lines: numbered(20_000) };
    const cut = (await gzOf(whole)).subarray(0, -200);
    const files: BackupFile[] = [
      { ...whole, openedMs: startMs, lines: numbered(10, 'whole') },
      { ...whole, openedMs: startMs + 1, gz: cut },
      { ...whole, openedMs: startMs + 2, gz: Buffer.alloc(0) },
      { ...whole, openedMs: startMs + 3, gz: Buffer.from('not gzip at all') },
      { ...whole, openedMs: startMs + 4, gz: gzipSync('just some text\n') },
      { ...whole, openedMs: startMs + 5, gz: gzipSync(`# DML\n# CONTEXT-RETENTION-POLICY:\n${numbered(5)}`) },
      { ...whole, openedMs: startMs + 6, lines: numbered(10, 'last') },
    ];
    const report = await ground.run(files);
    expect(report.files).toBe(7);
    expect([...report.corruptFiles, ...report.unsealedFiles].sort()).toEqual(files.slice(1, 6).map(keyOf));
    expect(Object.keys(report.corruptReasons)).toEqual(report.corruptFiles);
    expect(report.corruptReasons[keyOf(files[5] as BackupFile)]).toContain('names no database');
    expect(await ground.countOf()).toBe(report.lines);
    expect(report.lines).toBeGreaterThan(10_000);
  });
});

/** Older systems wrote files for the official tool. These are all cases in which it silently loses or changes points. */
describeOnInfluxd('restore of a file that the official tool restores wrongly', (ground) => {
  const header = (database: string, policy = '') =>
    `# DML\n# CONTEXT-DATABASE: ${database}\n# CONTEXT-RETENTION-POLICY: ${policy}\n`;
  const byOfficialTool = async (gz: Uint8Array) => {
    const path = join(ground.workspace.folder, 'official.gz');
    await writeFile(path, gz);
    return (await influxTool(['-import', '-compressed', `-path=${path}`, '-precision=s'], ground.influxd)).code;
  };
  const create = (name: string) => query(ground.influxd.url, '', `CREATE DATABASE "${name}"`);

  it('keeps a newline in a string value, which the tool doubles', async () => {
    const [theirs, ours] = namesOf(ground);
    const line = `m,t=a s="one\ntwo",v=1 ${startS}\n`;
    const lines = `${line}m,t=a s="\n# no comment",v=2 ${startS + 1}\n`;
    await create(theirs);
    expect(await byOfficialTool(gzipSync(header(theirs) + line))).toBe(0);
    expect((await ground.rows('SELECT s FROM m', theirs))[0]?.[1]).toBe('one\n\ntwo');

    await ground.run([{ database: ours, openedMs: startMs, lines }]);
    const strings = (await ground.rows('SELECT s FROM m', ours)).map(([, s]) => s);
    expect(strings).toEqual(['one\ntwo', '\n# no comment']);
  });

  it('writes to a database and policy with a colon, for which the tool writes to the wrong ones', async () => {
    const [theirs, ours] = namesOf(ground);
    for (const name of [theirs, `${theirs}:b`]) await create(name);
    expect(await byOfficialTool(gzipSync(header(`${theirs}:b`) + numbered(3)))).toBe(0);
    expect(await ground.countOf('m', theirs)).toBe(3);

    const colon = { database: `${ours}:b`, retentionPolicy: 'r:x', openedMs: startMs, lines: numbered(3) };
    await ground.run([{ ...colon, header: { policy: { duration: 'INF' } } }]);
    expect(await ground.countOf('"r:x".m', `${ours}:b`)).toBe(3);
    expect(await byOfficialTool(await gzOf(colon))).not.toBe(0);
  });

  it('keeps a last line without a line feed, which the tool drops', async () => {
    const [theirs, ours] = namesOf(ground);
    await create(theirs);
    const text = (database: string) => gzipSync(`${header(database)}${numbered(3).trimEnd()}`);
    expect(await byOfficialTool(text(theirs))).toBe(0);
    expect(await ground.countOf('m', theirs)).toBe(2);

    const report = await ground.run([{ database: ours, openedMs: startMs, lines: '', gz: text(ours) }]);
    expect(report).toMatchObject({ lines: 3, rejected: 0 });
    expect(await ground.countOf('m', ours)).toBe(3);
  });

  it('keeps every whole line of a gzip that was cut off, while the tool keeps only whole batches of 5,000', async () => {
    const [theirs, ours] = namesOf(ground);
    await create(theirs);
    const cut = (database: string) => {
      const gz = gzipSync(header(database) + numbered(14_000));
      return gz.subarray(0, gz.length - 5_000);
    };
    expect(await byOfficialTool(cut(theirs))).toBe(1);
    const theirCount = await ground.countOf('m', theirs);
    expect(theirCount % 5_000).toBe(0);

    const file = { database: ours, openedMs: startMs, lines: '', gz: cut(ours) };
    const report = await ground.run([file]);
    expect(report.corruptFiles).toEqual([keyOf(file)]);
    expect(report.rejected).toBe(0);
    expect(await ground.countOf('m', ours)).toBe(report.lines);
    expect(report.lines).toBeGreaterThan(theirCount);
  });
});

function namesOf({ database }: Ground): [theirs: string, ours: string] {
  return [`${database} theirs`, `${database} ours`];
}
