import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { influxTool, query } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { type BackupFile, gzOf, keyOf } from '../support/backup';
import { describeOnInfluxd, type Ground, numbered, startMs, startS } from '../support/ground';

describeOnInfluxd('restore of a damaged file', (ground) => {
  const whole = (openedMs: number, lines: string): BackupFile => ({ database: ground.database, openedMs, lines });

  it('sets each aside as a whole, names it with its problem, and sends no line of it', async () => {
    const large = whole(startMs, numbered(20_000));
    const gz = await gzOf(large);
    const flipped = Buffer.from(gz);
    flipped.writeUInt8(flipped.readUInt8(gz.length - 2_000) ^ 4, gz.length - 2_000);
    const footless = gzipSync(
      gunzipSync(gz)
        .toString()
        .replace(/# CERES-END.*\n/, ''),
    );
    const behind = Buffer.concat([gz, gzipSync(numbered(1, 'behind'))]);
    const damaged: [problem: string, gz: Buffer][] = [
      ['cut-off', gz.subarray(0, -200)],
      ['cut-off', Buffer.alloc(0)],
      ['no-header', Buffer.from('not gzip at all')],
      ['no-header', gzipSync('just some text\n')],
      ['no-header', gzipSync(`# DML\n# CONTEXT-RETENTION-POLICY:\n${numbered(5)}`)],
      ['footer-missing', footless],
      ['behind-footer', behind],
      ['other-place', await gzOf({ ...large, database: 'elsewhere' })],
    ];
    const bad = damaged.map(([, gz], i) => ({ ...large, openedMs: startMs + 1 + i, gz }));
    const bit = { ...large, openedMs: startMs + 50, gz: flipped };
    const files = [whole(startMs, numbered(10, 'whole')), ...bad, bit, whole(startMs + 60, numbered(10, 'last'))];
    const report = await ground.run(files);
    expect(report).toMatchObject({ files: 2, lines: 20, unsealedFiles: [] });
    expect(report.damagedFiles.map(({ key }) => key)).toEqual([...bad, bit].map(keyOf));
    expect(report.damagedFiles.map(({ problem }) => problem).slice(0, -1)).toEqual(damaged.map(([problem]) => problem));
    expect(report.damagedFiles.at(-1)).toMatchObject({ lines: 20_000, first: BigInt(startS) * 1_000_000_000n });
    expect(await ground.countOf()).toBe(20);
    expect(await ground.records('SHOW SERIES')).toHaveLength(2);
  });

  it('is named again by the same call, and sent in its order once it is repaired, with every newer file behind it', async () => {
    const point = (value: number) => `m,t=a v=${value} ${startS}\n`;
    const good = [whole(startMs, point(1)), whole(startMs + 1, point(2)), whole(startMs + 2, point(3))];
    const [oldest, middle, newest] = good as [BackupFile, BackupFile, BackupFile];
    const cut = { ...middle, gz: (await gzOf(middle)).subarray(0, -1) };
    for (let run = 0; run < 2; run += 1) {
      const report = await ground.run([oldest, cut, newest]);
      expect(report).toMatchObject({ files: 2, damagedFiles: [{ key: keyOf(middle), problem: 'cut-off' }] });
      expect(report).not.toHaveProperty('alreadyFinished');
    }
    const repaired = await ground.run(good);
    expect(repaired).toMatchObject({ files: 3, lines: 3, damagedFiles: [] });
    expect(await ground.rows('SELECT v FROM m')).toEqual([[expect.anything(), 3]]);
    expect(await ground.run(good)).toMatchObject({ alreadyFinished: true });
  });

  it('is salvaged into a folder, which only a restore that includes it sends, in the order of the damaged file', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `m,t=${(i * 7919) % 977} v=1 ${startS + i}\n`).join('');
    const [older, newer] = [whole(startMs, lines), whole(startMs + 1, `m,t=0 v=2 ${startS}\n`)];
    const gz = await gzOf(older);
    const files = [{ ...older, gz: gz.subarray(0, gz.length >> 1) }, newer];
    const folder = join(ground.workspace.folder, 'salvage');
    expect(await ground.run(files, { salvageDamaged: folder })).toMatchObject({ files: 1, lines: 1 });
    const text = gunzipSync(await readFile(join(folder, keyOf(older)))).toString();
    const salvaged = text.split('\n').filter((line) => line.startsWith('m,')).length;
    expect(salvaged).toBeGreaterThan(5_000);
    expect(text).toContain('# CERES-NOT-IMPORTABLE');
    expect(await ground.countOf()).toBe(1);

    const report = await ground.run(files, { includeSalvaged: folder });
    expect(report).toMatchObject({ files: 2, lines: salvaged + 1, damagedFiles: [], unsealedFiles: [keyOf(older)] });
    expect(await ground.rows(`SELECT v FROM m WHERE t = '0' LIMIT 1`)).toEqual([[expect.anything(), 2]]);
  });

  it('names a salvaged file that is damaged, too, and refuses a folder that is not there', async () => {
    const file = whole(startMs, numbered(10));
    const cut = { ...file, gz: (await gzOf(file)).subarray(0, -1) };
    const folder = join(ground.workspace.folder, 'salvage');
    await expect(ground.run([cut], { includeSalvaged: folder })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await mkdir(dirname(join(folder, keyOf(file))), { recursive: true });
    await writeFile(join(folder, keyOf(file)), 'no gzip');
    const [finding] = (await ground.run([cut], { includeSalvaged: folder })).damagedFiles;
    expect(finding?.reason).toMatch(/cut off.* what was salvaged of it is damaged, too: .*not gzip/);
  });

  it('blocks a wipe until it is accepted by its name, and so does a gap', async () => {
    const numberedFile = (sequence: bigint) => ({
      ...whole(startMs + Number(sequence), numbered(3, `s${sequence}`)),
      header: { writer: 'w', sequence },
    });
    const third = numberedFile(3n);
    const files = [numberedFile(1n), { ...third, gz: (await gzOf(third)).subarray(0, -1) }, numberedFile(4n)];
    const refused = async (accept: string[]) => {
      const call = ground.run(files, { wipe: true, accept });
      await expect(call).rejects.toMatchObject({ code: 'WIPE_REFUSED', message: expect.stringContaining('--accept') });
    };
    const gap = `w/${encodeURIComponent(ground.database)}/~default/2`;
    await refused([]);
    await refused([keyOf(third)]);
    await refused([gap]);
    const report = await ground.run(files, { wipe: true, accept: [keyOf(third), gap] });
    expect(report).toMatchObject({ files: 2, damagedFiles: [{ key: keyOf(third) }] });
  });

  it('can be excluded by its key, and then is not read', async () => {
    const file = whole(startMs, numbered(10));
    const cut = { ...file, gz: (await gzOf(file)).subarray(0, -1) };
    const other = whole(startMs + 1, numbered(5, 'b'));
    const report = await ground.run([cut, other], {}, { exclude: [keyOf(file)] });
    expect(report).toMatchObject({ files: 1, lines: 5, damagedFiles: [] });
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

  it('sends no line of a gzip that was cut off, of which the tool stores whole batches of 5,000', async () => {
    const [theirs, ours] = namesOf(ground);
    await create(theirs);
    const cut = (database: string) => {
      const gz = gzipSync(header(database) + numbered(14_000));
      return gz.subarray(0, gz.length - 5_000);
    };
    expect(await byOfficialTool(cut(theirs))).toBe(1);
    const theirCount = await ground.countOf('m', theirs);
    expect(theirCount % 5_000).toBe(0);

    expect(theirCount).toBeGreaterThan(0);
    const file = { database: ours, openedMs: startMs, lines: '', gz: cut(ours) };
    const report = await ground.run([file]);
    expect(report).toMatchObject({ lines: 0, rejected: 0, damagedFiles: [{ key: keyOf(file), problem: 'cut-off' }] });
    expect(await ground.countOf('m', ours)).toBe(0);
  });
});

function namesOf({ database }: Ground): [theirs: string, ours: string] {
  return [`${database} theirs`, `${database} ours`];
}
