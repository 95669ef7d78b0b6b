import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { influxdAvailable, influxTool, isVersion, query, startInfluxd } from '../src/index';

/** Proves what InfluxDB's own importer does with a file, since the format of our backup files follows from it. */
describe.skipIf(!(await influxdAvailable()))('influx -import', async () => {
  const influxd = await startInfluxd();
  const folder = await mkdtemp(join(tmpdir(), 'ceres-importer-'));
  afterAll(async () => {
    await influxd.stop();
    await rm(folder, { recursive: true });
  });
  beforeAll(() => query(influxd.url, '', 'CREATE DATABASE db'));

  const header = '# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RETENTION-POLICY: autogen\n';
  const ask = (q: string, database = 'db') => query(influxd.url, database, q);

  /** Returns the number of points in a measurement. */
  async function count(measurement: string, database = 'db'): Promise<number> {
    const [series] = await ask(`SELECT count(v) FROM "${measurement}"`, database);
    return (series?.values[0]?.[1] as number | undefined) ?? 0;
  }

  async function importFile(content: string | Buffer, flags: readonly string[] = ['-compressed', '-precision=s']) {
    const path = join(folder, 'backup.gz');
    await writeFile(path, typeof content === 'string' ? gzipSync(content) : content);
    const { code, stdout, stderr } = await influxTool(['-import', `-path=${path}`, ...flags], influxd);
    const text = stdout + stderr;
    // The tool prints `Failed 0 inserts`, or `5000 points were not inserted` if some failed.
    const failed = /(\d+) points? (?:was|were) not inserted|Failed (\d+) inserts/.exec(text);
    return { code, failed: Number(failed?.[1] ?? failed?.[2]), text };
  }

  const lines = (measurement: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `${measurement} v=${from + i} ${from + i}\n`).join('');

  it('imports a backup file', async () => {
    expect(await importFile(header + lines('good', 0, 12_000))).toMatchObject({ code: 0, failed: 0 });
    expect(await count('good')).toBe(12_000);
  });

  it('drops a last line that has no line feed, and reports no error', async () => {
    expect(await importFile(`${header}last v=1 1\nlast v=2 2`)).toMatchObject({ code: 0, failed: 0 });
    expect(await count('last')).toBe(1);
  });

  it('executes a line before `# DML` that is not a comment as a query', async () => {
    expect(
      await importFile(`# a comment\nCREATE DATABASE made\n# DML\n# CONTEXT-DATABASE: made\nm v=1 1\n`),
    ).toMatchObject({ code: 0 });
    expect(await count('m', 'made')).toBe(1);
  });

  it.each([
    ['no `# DML`', header.replace('# DML\n', '')],
    ['`#DML`', header.replace('# DML', '#DML')],
    ['a byte order mark', `\ufeff${header}`],
  ])('writes no point of a file with %s, and exits with 0', async (_, head) => {
    expect(await importFile(`${head}headless v=1 1\n`)).toMatchObject({ code: 0 });
    expect(await count('headless')).toBe(0);
  });

  it('cuts a database name off at its colon', async () => {
    await ask('CREATE DATABASE "a:b"');
    await ask('CREATE DATABASE a');
    await importFile('# DML\n# CONTEXT-DATABASE: a:b\ncolon v=1 1\n');
    expect(await count('colon', 'a:b')).toBe(0);
    expect(await count('colon', 'a')).toBe(1);
  });

  it('cuts a policy name off at its colon, writes to the wrong policy and exits with 0', async () => {
    await ask('CREATE RETENTION POLICY r ON db DURATION INF REPLICATION 1');
    await ask('CREATE RETENTION POLICY "r:x" ON db DURATION INF REPLICATION 1');
    const context = header.replace('autogen', 'r:x');
    expect(await importFile(`${context}colon v=1 1\n`)).toMatchObject({ code: 0, failed: 0 });
    expect(await ask('SELECT v FROM "r:x".colon')).toHaveLength(0);
    expect(await ask('SELECT v FROM r.colon')).toHaveLength(1);
  });

  it.each(['two words', `"quoted" 'names'`, '100%', 'k=v', 'Zürich ☃', 'a;b'])(
    'accepts %j as a database name',
    async (name) => {
      const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
      await ask(`CREATE DATABASE ${quoted}`);
      await importFile(`# DML\n# CONTEXT-DATABASE: ${name}\nnamed v=1 1\n`);
      expect(await count('named', name)).toBe(1);
    },
  );

  it('skips other comments and blank lines everywhere', async () => {
    const body = Array.from({ length: 12_000 }, (_, i) => `# CERES-BATCH: ${i}\n\nskip v=${i} ${i}\n`).join('');
    expect(await importFile(`${header}# CERES-FORMAT: 1\n${body}# CERES-END: lines=12000\n`)).toMatchObject({
      code: 0,
      failed: 0,
    });
    expect(await count('skip')).toBe(12_000);
  });

  it('writes to the default policy if the file names an empty one', async () => {
    expect(await importFile(`${header.replace('autogen', '')}default v=1 1\n`)).toMatchObject({ code: 0, failed: 0 });
    expect(await count('default')).toBe(1);
  });

  it('stores nothing of a file without `# CONTEXT-DATABASE`, and exits with 1', async () => {
    expect(await importFile('# DML\nnowhere v=1 1\n')).toMatchObject({ code: 1 });
    expect(await count('nowhere')).toBe(0);
  });

  it('follows switches of the policy alone, and sends what stands before each of them first', async () => {
    await ask('CREATE RETENTION POLICY switched ON db DURATION INF REPLICATION 1');
    const to = (policy: string) => `# CONTEXT-RETENTION-POLICY:${policy && ` ${policy}`}`;
    const lines = ['turns v=1 1', to('autogen'), 'turns v=2 1', to('switched'), 'turns v=3 1', to(''), 'turns v=4 1'];
    const last = [to('autogen'), 'turns v=5 2', to('switched'), to(''), 'turns v=6 2'];
    expect(await importFile(`${header}${[...lines, ...last].join('\n')}\n`)).toMatchObject({ code: 0, failed: 0 });
    const valuesIn = async (policy: string) =>
      (await ask(`SELECT v FROM ${policy}.turns`))[0]?.values.map(([, value]) => value);
    expect(await valuesIn('autogen')).toEqual([4, 6]);
    expect(await valuesIn('switched')).toEqual([3]);
  });

  it('follows several contexts and several `# DML` in one file', async () => {
    await ask('CREATE DATABASE other');
    const other = header.replace('CONTEXT-DATABASE: db', 'CONTEXT-DATABASE: other');
    const switched = `${header}several v=1 1\n# CONTEXT-DATABASE: other\nseveral v=1 1\n${header}several v=2 2\n${other}several v=2 2\n`;
    expect(await importFile(switched)).toMatchObject({ code: 0, failed: 0 });
    expect([await count('several'), await count('several', 'other')]).toEqual([2, 2]);
  });

  it('reads concatenated gzip members, even if they are split in the middle of a line', async () => {
    const text = header + lines('members', 0, 100);
    const members = [text.slice(0, 500), text.slice(500, 777), text.slice(777)].map((part) => gzipSync(part));
    expect(await importFile(Buffer.concat(members))).toMatchObject({ code: 0, failed: 0 });
    expect(await count('members')).toBe(100);
  });

  it('sends lines that end in CRLF, which the server refuses', async () => {
    expect(await importFile(`${header}crlf v=1 1\r\n`)).toMatchObject({
      code: 1,
      text: expect.stringContaining('bad timestamp'),
    });
    expect(await count('crlf')).toBe(0);
  });

  it('doubles a newline inside a string value, and reports no error', async () => {
    expect(await importFile(`${header}newline v=1,s="a\nb" 1\n`)).toMatchObject({ code: 0, failed: 0 });
    const [series] = await ask('SELECT s FROM newline');
    expect(series?.values[0]?.[1]).toBe('a\n\nb');
  });

  it('takes a line of a string value that begins with `#` for a comment, which breaks the batch', async () => {
    await importFile(`${header}hash v=1 1\nhash v=2,s="a\n# b" 2\nhash v=3 3\n`);
    expect(await count('hash')).toBeLessThan(3);
  });

  it.each([
    ['a truncated end', (gz: Buffer) => gz.subarray(0, -100)],
    ['a wrong checksum', (gz: Buffer) => Buffer.concat([gz.subarray(0, -8), Buffer.from('badcrc!!')])],
    ['trailing garbage', (gz: Buffer) => Buffer.concat([gz, Buffer.from('garbage, and more of it')])],
    ['trailing zeros', (gz: Buffer) => Buffer.concat([gz, Buffer.alloc(512)])],
  ])(
    'reads a file with %s up to the damage, writes its whole batches of 5,000 lines, and exits with 1',
    async (name, damage) => {
      const measurement = name.replaceAll(' ', '_');
      expect(await importFile(damage(gzipSync(header + lines(measurement, 0, 12_000))))).toMatchObject({ code: 1 });
      expect(await count(measurement)).toBe(10_000);
    },
  );

  it('counts a whole batch as failed for one bad line, although the server keeps the other lines', async () => {
    const body = `${lines('one', 0, 2_500)}one bad line\n${lines('one', 2_500, 4_999)}`;
    expect(await importFile(header + body)).toMatchObject({ code: 1, failed: 5_000 });
    expect(await count('one')).toBe(4_999);
  });

  it('counts a whole batch as failed for one expired point, although the server drops only that point', async () => {
    await ask('CREATE RETENTION POLICY short ON db DURATION 1h REPLICATION 1');
    const now = Math.floor(Date.now() / 1000);
    const body = `old v=1 1\nold v=2 ${now}\n`;
    expect(await importFile(header.replace('autogen', 'short') + body)).toMatchObject({ code: 1, failed: 2 });
    const [series] = await ask('SELECT count(v) FROM short.old');
    expect(series?.values[0]?.[1]).toBe(1);
  });

  it('gives all lines without a timestamp in a batch the same time, so that 1,000 lines become 1 point', async () => {
    const body = Array.from({ length: 1_000 }, (_, i) => `timeless v=${i}\n`).join('');
    expect(await importFile(header + body)).toMatchObject({ code: 0, failed: 0 });
    expect(await count('timeless')).toBe(1);
  });

  it('stores no point of a batch that gives new fields two types (before InfluxDB 1.12), but the good points if it is imported again', async () => {
    await importFile(`${header}types v=1 9\n`);
    const body = `${header}types a=1 1\ntypes a=1i 2\ntypes b=1 3\ntypes b=1i 4\ntypes v=2 5\n`;
    expect(await importFile(body)).toMatchObject({ code: 1, failed: 5 });
    expect(await count('types')).toBe(isVersion(influxd.version, { before: '1.12' }) ? 1 : 2);
    // 1.8 to 1.11 take the type of one field each time.
    for (let times = 0; times < 2; times += 1) await importFile(body);
    expect(await count('types')).toBe(2);
  });

  const importStdin = async (measurement: string) => {
    const input = `${header}${measurement} v=1 1\n`;
    return (await influxTool(['-import', '-path=-', '-precision=s'], influxd, input)).code;
  };
  const readsStdin = isVersion(influxd.version, { from: '1.11' });

  it.skipIf(!readsStdin)('reads a file from its standard input with -path=- (from 1.11 on)', async () => {
    expect(await importStdin('piped')).toBe(0);
    expect(await count('piped')).toBe(1);
  });

  it.skipIf(!isVersion(influxd.version, { before: '1.9' }))('finds no file named - (before 1.9)', async () => {
    expect(await importStdin('piped')).toBe(1);
    expect(await count('piped')).toBe(0);
  });

  it('loses the lines of the batch that follow an unbalanced quote', async () => {
    await importFile(`${header}quote v=1 1\nquote v=2,s="a 2\nquote v=3 3\nquote v=4 4\n`);
    expect(await count('quote')).toBe(1);
  });

  it('stores nothing of a gzip file without -compressed, and exits with 0', async () => {
    expect(await importFile(`${header}packed v=1 1\n`, ['-precision=s'])).toMatchObject({ code: 0 });
    expect(await count('packed')).toBe(0);
  });

  it('ignores a query before `# DML` that fails, and exits with 0', async () => {
    const file = `CREATE RETENTION POLICY p ON nowhere DURATION 1h REPLICATION 1\n${header}ddl v=1 1\n`;
    expect(await importFile(file)).toMatchObject({ code: 0 });
    expect(await count('ddl')).toBe(1);
  });

  it('takes the precision from its flag, and assumes nanoseconds without the flag', async () => {
    await importFile(`${header}flag v=1 1\n`);
    await importFile(`${header}noflag v=1 1\n`, ['-compressed']);
    expect((await ask('SELECT v FROM flag'))[0]?.values[0]?.[0]).toBe('1970-01-01T00:00:01Z');
    expect((await ask('SELECT v FROM noflag'))[0]?.values[0]?.[0]).toBe('1970-01-01T00:00:00.000000001Z');
  });

  it('loses the batches that it sends while the server is down, because it tries each only once', async () => {
    const importing = importFile(header + lines('killed', 0, 400_000));
    while ((await count('killed')) < 50_000);
    await influxd.kill();
    await influxd.restart();
    const { code, failed } = await importing;
    expect(code).toBe(1);
    expect(failed).toBeGreaterThanOrEqual(5_000);
    expect(await count('killed')).toBeLessThan(400_000);
  });
});
