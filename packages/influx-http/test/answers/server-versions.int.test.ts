import { readFileSync } from 'node:fs';
import {
  type ProxiedInfluxd,
  proxiedVersions,
  query,
  startProxiedInfluxd,
  versionProxyAvailable,
} from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfluxWriter, ping, type WriteOutcome } from '../../src/index';
import { allRows } from '../rows';

const available = await versionProxyAvailable();
const { answers } = JSON.parse(readFileSync(new URL('./server-versions.json', import.meta.url), 'utf8')) as {
  readonly answers: readonly { readonly versions: readonly string[]; readonly error: string }[];
};

/** Replaces what differs from run to run: series, times and numbers. */
const shape = (text: string) =>
  text
    .replace(/(?<=point )\S+(?: \S+)? at /g, 'm at ')
    .replace(/\d{4}-[\d-]+T[\d:.]+Z/g, 'TIME')
    .replace(/\d+/g, '0');

describe.skipIf(!available).each(proxiedVersions)(
  'InfluxWriter on 1.6 behind a proxy that answers as InfluxDB %s (needs influxd 1.6)',
  (version) => {
    let server: ProxiedInfluxd;
    let writer: InfluxWriter;
    beforeAll(async () => {
      server = await startProxiedInfluxd(version, { settings: { data: { 'max-series-per-database': 4 } } });
      writer = new InfluxWriter({ url: server.url });
      await query(server.url, '', 'CREATE DATABASE db; CREATE RETENTION POLICY short ON db DURATION 1h REPLICATION 1');
      await write('typed v=1,w=1 1\nm v=1 1');
    });
    afterAll(async () => {
      await writer.close();
      await server.stop();
    });

    const write = (lines: string, retentionPolicy = '') =>
      writer.write(Buffer.from(lines), { database: 'db', retentionPolicy, precision: 'ns' });
    const since1_9 = version !== '1.8.10';
    const since1_12 = version === '1.12.4';
    const mixed = 'typed a=1 1\ntyped a=1i 2\ntyped b=1 3\ntyped b=1i 4';
    const refused: Partial<WriteOutcome> = { kind: 'refused', code: 'MIXED_TYPES' };
    const conflict: Partial<WriteOutcome> = { kind: 'partly', code: 'TYPE_CONFLICT', dropped: 2 };

    const table: readonly (readonly [name: string, lines: string, expected: Partial<WriteOutcome>])[] = [
      ['good lines', 'm v=1 1\nm v=2 2', { kind: 'stored' }],
      ['expired points', 'm v=1 1\nm v=2 2', { kind: 'partly', code: 'EXPIRED', dropped: 2 }],
      ['a line that does not parse', 'bad\nm v=1 1', { kind: 'partly', code: 'UNPARSEABLE', dropped: 0 }],
      ['only lines that do not parse', 'bad\nworse', { kind: 'refused', code: 'INVALID' }],
      ['a field of another type', 'typed v=1i 2\ntyped v=2i 3\ntyped v=2 3', conflict],
      ['two types for two new fields', mixed, since1_12 ? conflict : refused],
      ['the same lines again', mixed, since1_12 ? conflict : refused],
      ['the same lines once more', mixed, conflict],
      [
        'a string over 1 MiB',
        `m s="${'x'.repeat(1_048_577)}" 5\nm v=1 1`,
        since1_9 ? { kind: 'partly', code: 'TOO_LONG', dropped: 1 } : { kind: 'stored' },
      ],
      ['a string of 1 MiB', `m s="${'x'.repeat(1_048_576)}" 5`, { kind: 'stored' }],
      [
        'a field `time` beside others',
        'm time=1,v=3 3',
        since1_12 ? { kind: 'partly', code: 'TIME_STRIPPED', dropped: 0 } : { kind: 'stored' },
      ],
      ['too many new series', 'm,t=1 v=1 1\nm,t=2 v=1 1\nm,t=3 v=1 1', { kind: 'partly', code: 'LIMIT', dropped: 3 }],
    ];
    it.each(table)(
      'understands the answer to %s, in a text that the version is known to give',
      async (_, lines, expected) => {
        const outcome = await write(lines, 'code' in expected && expected.code === 'EXPIRED' ? 'short' : '');
        expect(outcome).toMatchObject(expected);
        if (outcome.kind === 'stored') return;
        const known = answers.filter(({ versions }) => versions.includes(version)).map(({ error }) => shape(error));
        expect(known).toContain(
          shape(outcome.message).replace(/"(typed|[abvw])"/g, (name) => (name === '"typed"' ? '"m"' : '"v"')),
        );
      },
    );

    it('stores a point without its field `time`', async () => {
      expect(await allRows({ url: server.url }, 'db', 'SELECT v FROM m WHERE time = 3')).toEqual([['m', '', '3', '3']]);
    });

    it('reports its version, and reads the columns of a policy by name', async () => {
      expect(await ping({ url: server.url })).toEqual({ version });
      const [series] = await query(server.url, 'db', 'SHOW RETENTION POLICIES');
      expect(series?.columns.includes('futureWriteLimit')).toBe(since1_12);
      expect(series?.values[0]?.[series.columns.indexOf('default')]).toBe(true);
    });
  },
);
