import { isVersion, openInfluxd, openInfluxdAvailable, query } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfluxWriter, type WriteOutcome, type WriteTo } from '../../src/index';
import { allRows } from '../rows';

/** What a row of the table expects: the outcome, with a part of its message. */
type Expected = Partial<WriteOutcome> & { readonly message?: string };

const stored: Expected = { kind: 'stored' };
const partly = (code: string, dropped: number, message = '') =>
  ({ kind: 'partly', code, dropped, message }) as Expected;
const refused = (code: string, message = '') => ({ kind: 'refused', code, message }) as Expected;

describe.skipIf(!(await openInfluxdAvailable()))('InfluxWriter on a real server', async () => {
  const influxd = await openInfluxd();
  const database = await influxd.createDatabase();
  const server = { url: influxd.url };
  const writer = new InfluxWriter(server);
  afterAll(async () => {
    await writer.close();
    await influxd.close();
  });
  beforeAll(async () => {
    await query(influxd.url, '', `CREATE RETENTION POLICY short ON ${database} DURATION 1h REPLICATION 1`);
    await write('typed v=1 1');
  });

  const write = (lines: string | Uint8Array, to: Partial<WriteTo> = {}) =>
    writer.write(Buffer.from(lines), { database, precision: 'ns', ...to });
  const rows = (select: string) => allRows(server, database, select);

  const isFrom1_12 = isVersion(influxd.version, { from: '1.12' });
  const stripped = partly('TIME_STRIPPED', 0, 'stripped from point');
  const table: readonly (readonly [name: string, lines: string, to: Partial<WriteTo>, Expected])[] = [
    ['good lines', 'm v=1 1\nm v=2 2\n', {}, stored],
    ['a last line without a line feed', 'm v=1 1', {}, stored],
    ['nothing', '', {}, stored],
    ['comments and blank lines', '# a comment\n\n', {}, stored],
    ['the default policy, named by the empty string', 'm v=1 1', { retentionPolicy: '' }, stored],
    ['a quote in a tag, which opens no string', 'm,size=3.5" v=1 1', {}, stored],
    ['a NUL inside a string', 's v="a\0b" 1', {}, stored],
    ['`time` beside another field', 't time=1,v=1 1', {}, isFrom1_12 ? stripped : stored],
    ['a line that does not parse among others', 'bad\nm v=1 1', {}, partly('UNPARSEABLE', 0, "'bad'")],
    ['expired points', 'm v=1 1', { retentionPolicy: 'short' }, partly('EXPIRED', 1, 'retention policy')],
    ['expired and unparseable at once', 'm v=1 1\nbad\nm v=1', { retentionPolicy: 'short' }, partly('EXPIRED', 1)],
    ['a field of another type', 'typed v=1i 2\ntyped v=2 3', {}, partly('TYPE_CONFLICT', 1, '"v"')],
    ['`time` as the only field', 'm time=1 1', {}, partly('UNPARSEABLE', 1, 'invalid field name')],
    ['`time` as a tag', 'm,time=1 v=1 1', {}, partly('UNPARSEABLE', 1, 'invalid tag key')],
    ['no line that parses', 'bad\nworse', {}, refused('INVALID', "unable to parse 'worse'")],
    ['an unsigned integer', 'm v=5u 1', {}, refused('INVALID', 'invalid number')],
    ['NaN', 'm v=NaN 1', {}, refused('INVALID', 'invalid number')],
    ['an infinity', 'm v=+Inf 1', {}, refused('INVALID')],
    ['an integer beyond 64 bits', 'm v=9223372036854775808i 1', {}, refused('INVALID', 'value out of range')],
    ['a tag twice', 'm,a=1,a=2 v=1 1', {}, refused('INVALID', 'duplicate tags')],
    [
      'a series key over 65,535 bytes',
      `${'m'.repeat(65_536)} v=1 1`,
      {},
      refused('INVALID', 'max key length exceeded'),
    ],
    ['a database that is not there', 'm v=1 1', { database: 'nope' }, refused('NO_DATABASE', 'nope')],
    ['a policy that is not there', 'm v=1 1', { retentionPolicy: 'nope' }, refused('NO_POLICY', 'nope')],
  ];
  it.each(table)('understands the answer to %s', async (_, lines, to, expected) => {
    const { message, ...rest } = { message: undefined, ...expected };
    const outcome = await write(lines, to);
    expect(outcome).toMatchObject(rest);
    if (message !== undefined) expect(outcome).toHaveProperty('message', expect.stringContaining(message));
  });

  it.each(['\x00', '\x01', '\x0b', '\x1b', '\x7f', '\r', 'é', '\ud83d\ude00'])(
    'reads the answer whose header quotes a bad line with %j in it',
    async (character) => {
      const lines = `bad${character}line\nctl v=1 1`;
      expect(await write(lines)).toMatchObject({ kind: 'partly', message: expect.stringContaining(character) });
    },
  );

  it('reports expired points only once all others are stored', async () => {
    const now = BigInt(Date.now()) * 1_000_000n;
    const good = Array.from({ length: 20_000 }, (_, i) => `late v=1 ${now + BigInt(i)}`);
    const outcome = await write(['late v=1 1', ...good].join('\n'), { retentionPolicy: 'short' });
    expect(outcome).toEqual({ kind: 'partly', code: 'EXPIRED', dropped: 1, message: expect.any(String) });
    expect(await rows('SELECT count(v) FROM short.late')).toEqual([['late', '', '0', '20000']]);
  });

  it('stores the good lines of a partial write', async () => {
    await write('kept v=1 1\nbad\nkept v=2 2');
    expect(await rows('SELECT v FROM kept')).toEqual([
      ['kept', '', '1', '1'],
      ['kept', '', '2', '2'],
    ]);
  });

  it('stores nothing of a batch that gives two new fields two types each (before 1.12), but its good lines when it is sent again', async () => {
    await write('conflict v=1 9');
    const lines = 'conflict a=1 1\nconflict a=1i 2\nconflict b=1 3\nconflict b=1i 4\nconflict v=2 5';
    let outcome = await write(lines);
    if (!isFrom1_12) {
      const mixed = { kind: 'refused', code: 'MIXED_TYPES', message: 'field type conflict', ambiguous: true };
      expect(outcome).toEqual(mixed);
      expect(await rows('SELECT * FROM conflict')).toHaveLength(1);
      outcome = await write(lines);
      // 1.8 to 1.11 take the type of one field each time.
      if (isVersion(influxd.version, { from: '1.7' }) && outcome.kind === 'refused') outcome = await write(lines);
    }
    expect(outcome).toMatchObject({ kind: 'partly', code: 'TYPE_CONFLICT', dropped: 2 });
    expect(await rows('SELECT * FROM conflict')).toHaveLength(4);
  });

  it('finds the reason and the count at both ends of an answer of megabytes', async () => {
    const bad = Array.from({ length: 40_000 }, (_, i) => `a bad line, number ${i} ${'x'.repeat(50)}`);
    const outcome = await write([...bad, 'big v=1 1'].join('\n'));
    expect(outcome).toMatchObject({ kind: 'partly', code: 'UNPARSEABLE', dropped: 0 });
    const { message } = outcome as { message: string };
    expect(message).toContain('number 0');
    expect(message).toMatch(/ … .* dropped=0(?: for database: \w+)?$/s);
    expect(message.length).toBeLessThan(70_000);
  });

  it('gets TOO_LARGE for more than 25,000,000 bytes, but not for exactly that many', async () => {
    const line = Buffer.from('size v=1 1\n');
    const atLimit = Buffer.alloc(25_000_000, '#');
    line.copy(atLimit);
    expect(await write(atLimit)).toEqual({ kind: 'stored' });
    expect(await write(Buffer.alloc(25_000_001, '#'))).toMatchObject({ kind: 'refused', code: 'TOO_LARGE' });
    expect(await write(Buffer.alloc(80_000_000, '#'))).toMatchObject({ kind: 'refused', code: 'TOO_LARGE' });
  });

  it('may send more than 25,000,000 bytes if they are fewer as gzip', async () => {
    const packing = new InfluxWriter({ ...server, gzip: true });
    const lines = Buffer.alloc(30_000_000, '# many lines of this kind\n');
    Buffer.from('packed v=1 1\n#').copy(lines);
    expect(await packing.write(lines, { database, precision: 'ns' })).toEqual({ kind: 'stored' });
    await packing.close();
    expect(await rows('SELECT v FROM packed')).toEqual([['packed', '', '1', '1']]);
  });

  it.each([
    ['ns', '1'],
    ['us', '1000'],
    ['ms', '1000000'],
    ['s', '1000000000'],
    ['m', '60000000000'],
    ['h', '3600000000000'],
  ] as const)('writes timestamps in %s', async (precision, time) => {
    expect(await write(`in_${precision} v=1 1`, { precision })).toEqual(stored);
    expect(await rows(`SELECT v FROM in_${precision}`)).toEqual([[`in_${precision}`, '', time, '1']]);
  });

  it('merges the fields of a point written twice, and the last write of a field wins', async () => {
    await write('twice a=1,b=1 1');
    await write('twice b=2,c=2 1');
    expect(await rows('SELECT a, b, c FROM twice')).toEqual([['twice', '', '1', '1', '2', '2']]);
  });

  it('treats tags in any order as one series', async () => {
    await write('either,a=1,b=2 v=1 1\neither,b=2,a=1 v=2 1');
    expect(await rows('SELECT v FROM either')).toEqual([['either', '', '1', '2']]);
  });
});
