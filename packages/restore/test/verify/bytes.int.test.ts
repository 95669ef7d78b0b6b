import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import type { Verdict } from '../../src/verify/verdict';
import { backupOf } from '../support/backup';
import { verifyBothWays } from '../support/both-ways';
import { describeOnInfluxd, type Ground, startMs } from '../support/ground';

const levels = ['counts', 'content'] as const;
const time = `${startMs}000000`;

/** Compares a database with a backup. Lines have one character for each byte. */
async function compare(
  { influxd, database }: Ground,
  sides: { readonly backup: readonly string[]; readonly database: readonly string[] },
  level: 'counts' | 'content',
): Promise<Verdict> {
  const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
  await query(influxd.url, '', `CREATE DATABASE "${database}"`);
  // One by one and up to three times: InfluxDB takes a name that is not UTF-8, but cannot save its list of fields with it.
  for (const line of sides.database) {
    const write = async () => await writeRaw(influxd.url, database, bytesOf([line]));
    let answer = await write();
    for (let i = 0; i < 2 && /invalid UTF-8/.test(answer.body); i += 1) answer = await write();
    if (answer.status !== 204) throw new Error(answer.body);
  }
  const file = { database, openedMs: startMs, lines: bytesOf(sides.backup), header: { precision: 'ns' as const } };
  const storage = await backupOf(file);
  return await verifyBothWays({ storage, instance: 'src', to: { url: influxd.url }, level, points: 10 }, influxd);
}

const same = (lines: readonly string[]) => ({ backup: lines, database: lines });

describeOnInfluxd('verify, with bytes that are not UTF-8,', (ground) => {
  it('tells strings apart that differ only in them, and shows both', async () => {
    const sides = { backup: [`m s="a\xff",v=1 ${time}`], database: [`m s="a\xfe",v=1 ${time}`] };
    const verdict = await compare(ground, sides, 'content');
    expect(verdict.outcome).toBe('NOT EQUAL');
    expect(verdict.differingPoints).toMatchObject([{ field: 's', inBackup: 'a\\xff', inDatabase: 'a\\xfe' }]);
  });

  it.each(levels)('finds the same ones equal in every place that may hold them, by %s', async (level) => {
    const lines = [`m,k\xff=v\xfe s="a\xff" ${time}`, `b\xffd,k=v s="\xe9",v=2 ${time}`, `\xc3\xa9 v=1 ${time}`];
    expect(await compare(ground, same(lines), level)).toMatchObject({ outcome: 'EQUAL', points: 3, mismatches: [] });
  });

  it('tells tags apart that differ only in them', async () => {
    const sides = { backup: [`m,k=\xff v=1 ${time}`], database: [`m,k=\xfe v=1 ${time}`] };
    const verdict = await compare(ground, sides, 'content');
    expect(verdict.outcome).toBe('NOT EQUAL');
    expect(verdict.differingPoints?.map(({ tags }) => tags)).toEqual([{ k: '\\xfe' }, { k: '\\xff' }]);
  });

  it('compares no sets of tags that InfluxDB mixes up, because a value holds a NUL, and all others', async () => {
    const lines = ['m,t=a\0b,u=c v=1', 'm,t=a,u=b\0c v=2', 'k,t=a\0b v=1', 'k,t=b v=2'].map(
      (line) => `${line} ${time}`,
    );
    const verdict = await compare(ground, same(lines), 'content');
    expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', mismatches: [], points: 2 });
    expect(verdict.notCompared).toMatchObject([{ measurement: 'm', reason: expect.stringContaining('NUL') }]);
    const sides = { backup: ['k,t=a\0b v=1 1'], database: ['k,t=a\0c v=1 1'] };
    expect((await compare(ground, sides, 'content')).outcome).toBe('NOT EQUAL');
  });

  it.each(levels)('names measurements that no query tells apart, by %s', async (level) => {
    const lines = [`good v=1 ${time}`, `a\xffb v=1 ${time}`, `a\xfeb v="s" ${time}`, `a\xef\xbf\xbdb v=1i ${time}`];
    const verdict = await compare(ground, same(lines), level);
    expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', mismatches: [], points: 2 });
    expect(verdict.notCompared.map(({ measurement }) => measurement).sort()).toEqual(['a\\xfeb', 'a\\xffb']);
  });
});

describeOnInfluxd('verify compares', (ground) => {
  const names = [
    'nu\0l',
    'c\rr',
    'cr\r',
    'q"u',
    "ap'os",
    'bs\\x',
    'bs\\\\/',
    'dot.*',
    '(a|b)+[c]{2}$^?',
    'tab\tx',
    '\x01\x7f',
  ];

  it.each(levels)('measurements of every name, by %s', async (level) => {
    const lines = names.map((name) => `${name},h=x v=1 ${time}`);
    const verdict = await compare(ground, same(lines), level);
    expect(verdict).toMatchObject({ outcome: 'EQUAL', points: names.length, notCompared: [] });
  });

  it('a value in measurements of every name', async () => {
    const lines = (value: number) => names.map((name) => `${name},h=x v=${value} ${time}`);
    const verdict = await compare(ground, { backup: lines(1), database: lines(2) }, 'content');
    expect(verdict.outcome).toBe('NOT EQUAL');
    expect(verdict.mismatches.map(({ measurement }) => measurement).sort()).toEqual([...names].sort());
    expect(verdict.differingPoints).toHaveLength(10);
  });

  it.each(levels)('points at the first and the last nanosecond that InfluxDB stores, by %s', async (level) => {
    const lines = [`m v=1,f="s" -9223372036854775806`, 'm v=2 9223372036854775806'];
    expect(await compare(ground, same(lines), level)).toMatchObject({ outcome: 'EQUAL', points: 2 });
  });

  it.each([
    ['first', '-9223372036854775806'],
    ['last', '9223372036854775806'],
  ])('and finds the point at the %s nanosecond missing', async (_, edge) => {
    const sides = { backup: [`m v=1 ${time}`, `m v=1 ${edge}`], database: [`m v=1 ${time}`] };
    for (const level of levels) {
      const verdict = await compare(ground, sides, level);
      expect(verdict).toMatchObject({ outcome: 'NOT EQUAL', differingPoints: [{ time: BigInt(edge), inBackup: 1 }] });
    }
  });

  it.each(levels)('everything but a name that InfluxDB stores and cannot find, by %s', async (level) => {
    const lines = [`a\\\\ b v=1 ${time}`, `z\\\\\\=,t=1 v=1 ${time}`, `good v=1 ${time}`];
    const verdict = await compare(ground, same(lines), level);
    expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', equal: false, mismatches: [], points: 1 });
    expect(verdict.notCompared.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/backslash/));
  });
});

describeOnInfluxd(
  'verify goes on after a query that InfluxDB refuses,',
  (ground) => {
    it('and names the measurement with InfluxDB’s reason', async () => {
      const many = Array.from({ length: 50 }, (_, i) => `many,h=${i} v=1 ${time}`);
      const verdict = await compare(ground, same([...many, `few v=1 ${time}`]), 'content');
      expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', equal: false, mismatches: [], points: 1 });
      expect(verdict.notCompared).toMatchObject([
        { measurement: 'many', reason: expect.stringMatching(/max-select-series/) },
      ]);
    });
  },
  { coordinator: { 'max-select-series': 10 } },
);
