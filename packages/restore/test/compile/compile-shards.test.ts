import { describe, expect, it } from 'vitest';
import { shardIdentity } from '../../src/compile/compiled-shard';
import { shardGroupAt } from '../../src/compile/rows/shard-times';
import { keyOf } from '../support/backup';
import { type Compiled, compiled } from '../support/compile';
import { startMs, startS } from '../support/ground';

const database = 'db';
const file = (lines: string, openedMs = startMs) => ({ database, openedMs, lines });

/** Returns the values of one series, as `field time` from the start in seconds. */
function of({ values }: Compiled, series: string): Record<string, unknown> {
  const prefix = `db.autogen/${series} `;
  return Object.fromEntries(
    [...values].flatMap(([key, value]) => {
      if (!key.startsWith(prefix)) return [];
      const [field, time] = key.slice(prefix.length).split(/ (?=-?\d+$)/);
      return [[`${field} ${BigInt(time ?? 0) / 1_000_000_000n - BigInt(startS)}`, value]];
    }),
  );
}

/** A comparison of two large maps takes seconds, one of texts does not. */
function inText({ values }: Compiled): string {
  return [...values].map(([key, value]) => `${key} ${typeof value} ${value}\n`).join('');
}

describe('compileShards', () => {
  it('gives the last write of each field, in the order of the files, whatever the order of the times', async () => {
    const first = `m,t=a v=1,w=2 ${startS + 5}\nm,t=a v=3 ${startS}\nm,t=a v=4 ${startS + 5}\n`;
    const second = `m,t=a w=5,v=6 ${startS}\nm,t=a v=7 ${startS + 9}\nm,t=a v=8 ${startS + 9}\n`;
    const result = await compiled([file(second, startMs + 1), file(first)]);
    expect(of(result, 'm,t=a')).toEqual({ 'v 0': 6, 'w 0': 5, 'v 5': 4, 'w 5': 2, 'v 9': 8 });
    expect(result.files).toMatchObject([{ lines: 3 }, { lines: 3 }]);
  });

  it('reads every type exactly, by the quick way and by the exact one', async () => {
    const fields = [
      'f=1.5,i=-7i,b=true,s="a b"',
      'f=-0,i=9223372036854775807i,b=F,s=""',
      'f=123456789012345.6789,i=-9223372036854775808i,b=TRUE,s="x\\"y\\\\z"',
      'f=.5,i=0i,b=f,s="a,b=c d"',
      'f=1e-300,i=-0i,b=t,s="line\nfeed"',
      'f=5e-324,i=00000000000000000012i,b=False,s="é"',
      'f=1.,i=123456789012345i,b=T,s="i"',
    ];
    const { values } = await compiled([file(fields.map((text, i) => `m ${text} ${startS + i}\n`).join(''))]);
    const at = (name: string) =>
      fields.map((_, i) => values.get(`db.autogen/m ${name} ${BigInt(startS + i) * 1_000_000_000n}`));
    expect(at('f')).toEqual([1.5, -0, Number('123456789012345.6789'), 0.5, 1e-300, 5e-324, 1]);
    expect(at('i')).toEqual([-7n, 2n ** 63n - 1n, -(2n ** 63n), 0n, 0n, 12n, 123456789012345n]);
    expect(at('b')).toEqual([true, false, true, false, true, false, true]);
    expect(at('s')).toEqual(['a b', '', 'x"y\\z', 'a,b=c d', 'line\nfeed', 'é', 'i']);
  });

  it('takes a series for the same in whatever order its tags are written, and keeps its key as InfluxDB does', async () => {
    const result = await compiled([
      file(`m,b=2,a=1 v=1 ${startS}\nm,a=1,b=2 v=2 ${startS + 1}\nm,b=2,a=1 v=3 ${startS + 2}\n`),
    ]);
    expect(of(result, 'm,a=1,b=2')).toEqual({ 'v 0': 1, 'v 1': 2, 'v 2': 3 });
    expect(result.shards[0]?.measurements.map(({ fields }) => fields.length)).toEqual([1]);
  });

  it('lets the first type of a field in a shard win, and drops the whole point of any other', async () => {
    const week = 7 * 86_400;
    const lines = `m v=1 ${startS}\nm v=2i,new=1i ${startS + 1}\nm new=2.5 ${startS + 2}\nm v=3i ${startS + week}\nm v=4 ${startS + 3}\n`;
    const result = await compiled([file(lines)]);
    expect(of(result, 'm')).toEqual({ 'v 0': 1, 'new 2': 2.5, [`v ${week}`]: 3n, 'v 3': 4 });
    expect(result.files).toMatchObject([
      { lines: 4, rejected: 1, typeConflicts: ['db.autogen.m.v: the backup has integer, the shard float'] },
    ]);
    const key = keyOf(file(lines)).slice(0, -'.gz'.length);
    const record = `m v=2i,new=1i ${startS + 1}`;
    expect(result.rejected[key]).toBe(`# CERES-REASON: code=TYPE_CONFLICT bytes=${record.length}\n${record}\n`);
  });

  it('takes no type from a record that it rejects', async () => {
    const week = 7 * 86_400;
    const lines = [
      `m v=t,w=1i,v=1,x=1 ${startS}`, // it contradicts itself
      `m v="a",w=2 ${startS + 1}`,
      `m y=1i,v=1 ${startS + 2}`, // v has another type
      `m x="s",v=t,y=1i ${startS + 3}`,
      `m y=2.5 ${startS + 4}`,
      `m z=1,z=t 99999999999999999999`, // no time
      `m z=t,z=1,q= ${startS + 5}`, // it does not parse
      `m z="s" ${startS + 5}`,
      `m v=1 ${startS + week}`,
    ];
    const result = await compiled([file(lines.map((line) => `${line}\n`).join(''))]);
    expect(of(result, 'm')).toEqual({
      'v 1': 'a',
      'w 1': 2,
      'y 4': 2.5,
      'z 5': 's',
      [`v ${week}`]: 1,
    });
    expect(result.files).toMatchObject([{ lines: 4, rejected: 5 }]);
  });

  it('keeps all of a rejected record whose string goes on over lines', async () => {
    const lines = [`m v=1 ${startS}`, ` v="\r,w=2i"=" ${startS}`, `m v=2 ${startS}`, '"', `m v=3 ${startS}`];
    const result = await compiled([file(lines.map((line) => `${line}\n`).join(''))]);
    const [text] = Object.values(result.rejected);
    const record = lines.slice(1, 4).join('\n').trimStart();
    expect(text).toMatch(/^# CERES-REASON: code=\w+ bytes=/);
    expect(text?.slice(text.indexOf('\n') + 1)).toBe(`${record}\n`);
    expect(of(result, 'm')).toEqual({ 'v 0': 3 });
  });

  it('rejects a broken record that seems to have expired only without the blank before it', async () => {
    const old = startS - 400 * 86_400;
    const lines = ` m,true ut ${old}\nm,true ut ${old}\nm v=1 ${startS}\n`;
    const header = { policy: { duration: '52w', shardDuration: '1w' } };
    const result = await compiled([{ ...file(lines), header }], { durationMs: Date.now() - (startS - 86_400) * 1_000 });
    expect(result.files).toMatchObject([{ lines: 1, rejected: 1, expired: 1 }]);
  });

  it('leaves a field named time out, and counts the last of a field that is given twice', async () => {
    const result = await compiled([
      file(`m time=5,v=1,w=1,v=2 ${startS}\nm v=1,v=3 ${startS + 1}\nm time=1 ${startS + 2}\n`),
    ]);
    expect(of(result, 'm')).toEqual({ 'v 0': 2, 'w 0': 1, 'v 1': 3 });
    expect(result.files).toMatchObject([{ lines: 2, rejected: 1 }]);
  });

  it('counts the records with a string that InfluxDB refuses in a line from 1.9 on, and takes them', async () => {
    const [longest, longer] = ['x'.repeat(1_048_576), 'y'.repeat(1_048_577)];
    const lines = [
      `m s="${longest}" ${startS}`,
      `m s="${longer}",v=1 ${startS + 1}`,
      `m s="${longer} \\"",v=1,u="" ${startS + 2}`,
      `m s="${longer}",v=1i ${startS + 3}`, // v has another type
      `m s="",v=1 ${startS + 4}`,
    ];
    const { files, values } = await compiled([file(lines.map((line) => `${line}\n`).join(''))]);
    expect(files).toMatchObject([{ lines: 4, rejected: 1, longStrings: 2 }]);
    expect(String(values.get(`db.autogen/m s ${BigInt(startS + 1) * 1_000_000_000n}`)).length).toBe(longer.length);
  });

  it('keeps back a series key that a file cannot tell from another series and its field', async () => {
    const lines = `a v#!~#w=1 ${startS}\na#!~#v w=2 ${startS}\na,t=x#!~#y v=3 ${startS}\n`;
    const result = await compiled([file(lines)]);
    expect(of(result, 'a')).toEqual({ 'v#!~#w 0': 1 });
    expect(result.files).toMatchObject([{ lines: 1, rejected: 2 }]);
    expect(Object.values(result.rejected)[0]).toContain('code=INVALID_NAME');
  });

  it('reads times of every precision and sign exactly, and refuses those beyond both ends', async () => {
    const times: Readonly<Record<string, readonly [string, bigint][]>> = {
      ns: [
        ['9223372036854775806', 2n ** 63n - 2n],
        ['-9223372036854775806', -(2n ** 63n) + 2n],
        ['1700000000123456789', 1700000000123456789n],
      ],
      us: [
        ['1700000000123456', 1700000000123456000n],
        ['-1', -1000n],
        ['8999999999999999', 8999999999999999000n],
      ],
      ms: [
        ['1700000000123', 1700000000123000000n],
        ['0', 0n],
        ['9223372036854', 9223372036854000000n],
      ],
      s: [
        ['1700000000', 1700000000000000000n],
        ['9223372036', 9223372036000000000n],
        ['0000000012', 12000000000n],
      ],
      m: [
        ['28333333', 1699999980000000000n],
        ['153722867', 9223372020000000000n],
      ],
      h: [
        ['472222', 1699999200000000000n],
        ['2562047', 9223369200000000000n],
      ],
    };
    for (const [precision, given] of Object.entries(times)) {
      const refused = ['99999999999999999999', '9223372036854775807'].map((time) => `n v=1 ${time}\n`).join('');
      const lines = given.flatMap(([text]) => [`m v=1 ${text}\n`, `m v=2 ${text}\n`]).join('') + refused;
      const header = { precision: precision as 's' };
      const { values, files } = await compiled([{ ...file(lines), header }]);
      const expected = given.map(([, timeNs]) => [`db.autogen/m v ${timeNs}`, 2]);
      expect([...values].sort(), precision).toEqual(expected.sort());
      expect(files, precision).toMatchObject([{ rejected: 2 }]);
    }
  });

  it('takes the types that a shard has already for the first ones', async () => {
    const [measurement, field] = [Buffer.from('m'), Buffer.from('v')];
    const startNs = shardGroupAt(BigInt(startS) * 1_000_000_000n, 7n * 86_400_000_000_000n).startNs;
    const identity = shardIdentity({ database, retentionPolicy: 'autogen', startNs });
    const types = new Map([[identity, [{ measurement, field, type: 'string' as const }]]]);
    const result = await compiled([file(`m v=1,w=1 ${startS}\nm w=2i ${startS + 1}\n`)], { choice: { types } });
    expect(of(result, 'm')).toEqual({ 'w 1': 2n });
  });

  it('names fields of which every series has one, the longest ones, for the count after a load', async () => {
    const lines = [
      `m,t=a u=1,v=1 ${startS}\nm,t=a v=2 ${startS + 1}\n`,
      `m,t=b v=1,w=1 ${startS}\n`,
      `m,t=c w=1,x="" ${startS}\n`,
      `m,t=d w=1 ${startS}\n`,
      `m,t==e y=1 ${startS}\n`,
      `n y=1 ${startS}\n`,
    ];
    const { shards } = await compiled([file(lines.join(''))]);
    const telling = shards.flatMap(({ measurements }) =>
      measurements.flatMap(({ name, fields }) =>
        fields.filter(({ isTelling }) => isTelling).map((field) => `${name}.${field.name}`),
      ),
    );
    expect(telling).toEqual(['m.v', 'm.w', 'n.y']);
    expect(shards.map(({ databaseSeriesMax }) => databaseSeriesMax)).toEqual([6]);
  });

  it('gives the same with so little memory that every batch is written out', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => {
      const s = i % 7 === 0 ? `,s="${'x'.repeat(i % 50)}"` : '';
      return `m,t=${i % 13} v=${i},w=${i % 3}i${s} ${startS + ((i * 7919) % 1000)}\n`;
    });
    const files = Array.from({ length: 6 }, (_, n) => file(lines.slice(500 * n, 500 * n + 500).join(''), startMs + n));
    const whole = await compiled(files);
    const spilled = await compiled(files, { memoryBytesMax: 1 });
    expect(inText(spilled)).toBe(inText(whole));
    expect(spilled.shards.map(({ measurements, values, records }) => ({ measurements, values, records }))).toEqual(
      whole.shards.map(({ measurements, values, records }) => ({ measurements, values, records })),
    );
    expect(whole.values.size).toBeGreaterThan(4_000);
  });
});
