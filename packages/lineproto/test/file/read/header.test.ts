import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type FileHeader, formatHeader, LineProtocolError, readHeader } from '../../../src/index';
import { errorOf } from '../../support/errors';

const full: FileHeader = {
  database: 'db_0',
  retentionPolicy: 'rp_5d',
  formatVersion: 1,
  instance: 'influxdb-0.influxdb',
  precision: 's',
  writer: '018f0000-0000-7000-8000-000000000000',
  sequence: 42n,
  seed: { source: 'snapshot', server: 'tcp://127.0.0.1:8088', takenMs: Date.UTC(2026, 10, 30, 12, 0, 0, 5) },
  summary: { lines: 3, bytes: 90, firstTimestamp: -5n, lastTimestamp: 1_700_000_000n },
  policy: { duration: '5d', shardDuration: '1h', replication: 1, isDefault: true },
  notImportable: ['a newline', 'too large'],
};
const roundTrip = (header: FileHeader) => readHeader(gzipSync(formatHeader(header)));

describe('formatHeader', () => {
  it('begins with exactly the three lines that the importer needs', () => {
    expect(formatHeader(full).split('\n').slice(0, 3)).toEqual([
      '# DML',
      '# CONTEXT-DATABASE: db_0',
      '# CONTEXT-RETENTION-POLICY: rp_5d',
    ]);
    expect(formatHeader({ database: 'd', retentionPolicy: '' })).toBe(
      '# DML\n# CONTEXT-DATABASE: d\n# CONTEXT-RETENTION-POLICY:\n',
    );
  });

  it('leaves the database out if the importer would write to another place', () => {
    for (const header of [
      { database: 'a:b', retentionPolicy: 'r' },
      { database: 'a', retentionPolicy: 'r:x' },
      { database: ' a', retentionPolicy: '' },
    ]) {
      expect(formatHeader(header)).not.toContain('CONTEXT-DATABASE');
      expect(roundTrip(header)).toEqual(header);
    }
  });

  it.each(['', 'a\nb', '\ud800'])('refuses the own name %j for a default policy', (name) => {
    const header = { database: 'd', retentionPolicy: '', policy: { name, duration: '5d' } };
    expect(errorOf(() => formatHeader(header)).code).toBe('INVALID_NAME');
  });

  it.each(['a\nb', 'a\r', 'a\0', 'a\x7f', 'a\x85', '\ud800'])(
    'refuses the name %j, which no line can carry',
    (name) => {
      expect(errorOf(() => formatHeader({ database: name, retentionPolicy: '' })).code).toBe('INVALID_NAME');
      expect(errorOf(() => formatHeader({ database: 'd', retentionPolicy: name })).code).toBe('INVALID_NAME');
      expect(errorOf(() => formatHeader({ ...full, instance: name })).code).toBe('INVALID_NAME');
    },
  );
});

describe('readHeader', () => {
  it('reads back every field', () => {
    expect(roundTrip(full)).toEqual(full);
    expect(roundTrip({ database: 'ünï "q" % =', retentionPolicy: '' })).toEqual({
      database: 'ünï "q" % =',
      retentionPolicy: '',
    });
  });

  it('reads back the own name of a default policy, whatever its characters', () => {
    for (const name of ['two_weeks', 'two weeks = 14d', 'zwei Wöchen', 'a:b/"c"']) {
      const header: FileHeader = { database: 'db_0', retentionPolicy: '', policy: { name, duration: '336h0m0s' } };
      expect(roundTrip(header)).toEqual(header);
      expect(formatHeader(header)).toMatch(/^# CERES-POLICY: name=[\w.%-]+ duration=336h0m0s$/m);
    }
  });

  it('reads the files of older systems: three lines, or comments between them', () => {
    const text = '# made by hand\n# DML\n# CONTEXT-DATABASE:db\n# more\n\n# CONTEXT-RETENTION-POLICY: rp \nm v=1 1\n';
    expect(readHeader(gzipSync(text))).toEqual({ database: 'db', retentionPolicy: 'rp' });
    expect(readHeader(gzipSync('# DML\n# CONTEXT-DATABASE: db\nm v=1 1\n'))).toEqual({
      database: 'db',
      retentionPolicy: '',
    });
  });

  it('reads back what a seed was made of, also of a folder with odd characters', () => {
    const line = '# CERES-SEED: source=snapshot server=tcp%3A%2F%2F127.0.0.1%3A8088 taken=2026-11-30T12:00:00.005Z';
    expect(formatHeader(full).split('\n')).toContain(line);
    const seed = { source: 'data-directory', server: '/srv/Ünïque = 1 folder', takenMs: 0 };
    expect(roundTrip({ ...full, seed }).seed).toEqual(seed);
    expect(roundTrip({ ...full, seed: { source: 'query', takenMs: 5 } }).seed).toEqual({ source: 'query', takenMs: 5 });
    const long = roundTrip({ ...full, seed: { ...seed, server: `/srv/${'ü💧'.repeat(500)}` } });
    expect(long.seed?.server).toMatch(/^\/srv\/ü💧.*…$/u);
  });

  it.each([
    { source: 'Snapshot', takenMs: 0 },
    { source: 'a b', takenMs: 0 },
    { source: 'query', server: 'a\nb', takenMs: 0 },
    { source: 'query', takenMs: Number.NaN },
  ])('refuses a seed that no header can carry: %j', (seed) => {
    expect(() => formatHeader({ ...full, seed })).toThrow(LineProtocolError);
  });

  it('skips the lines and words of later versions', () => {
    const later = '# CERES-POLICY: duration=5d later=word\n# CERES-LATER: a line\n';
    expect(readHeader(gzipSync(`${formatHeader({ database: 'd', retentionPolicy: '' })}${later}m v=1 1\n`))).toEqual({
      database: 'd',
      retentionPolicy: '',
      policy: { duration: '5d' },
    });
  });

  it('needs only the first 4 KiB', () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `m,t=${i * 7919} v=${i} ${i}\n`).join('');
    const gz = gzipSync(formatHeader(full) + lines);
    expect(readHeader(gz.subarray(0, 4096))).toEqual(full);
  });

  it('does not take a record for a header', () => {
    const text = `${formatHeader(full)}m s="\n# CERES-PRECISION: ns\n" 1\n`;
    expect(readHeader(gzipSync(text)).precision).toBe('s');
  });

  it.each([
    ['plain text', Buffer.from('# DML\n')],
    ['nothing', Buffer.alloc(0)],
    ['lines without # DML', gzipSync('# CONTEXT-DATABASE: db\nm v=1 1\n')],
    ['lines without a database', gzipSync('# DML\nm v=1 1\n')],
    ['a header cut before the policy', gzipSync('# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RET')],
    [
      'a format of the future',
      gzipSync(`${formatHeader({ database: 'd', retentionPolicy: '' })}# CERES-FORMAT: 2\nm v=1 1\n`),
    ],
    [
      'a policy whose name is not percent-encoded text',
      gzipSync(`${formatHeader({ database: 'd', retentionPolicy: '' })}# CERES-POLICY: name=% duration=5d\nm v=1 1\n`),
    ],
    [
      'a seed that was taken at no time',
      gzipSync(
        `${formatHeader({ database: 'd', retentionPolicy: '' })}# CERES-SEED: source=query taken=later\nm v=1 1\n`,
      ),
    ],
    [
      'an unknown precision',
      gzipSync(`${formatHeader({ database: 'd', retentionPolicy: '' })}# CERES-PRECISION: n\nm v=1 1\n`),
    ],
  ])('refuses %s', (_, gz) => {
    expect(errorOf(() => readHeader(gz)).code).toBe('NOT_A_BACKUP_FILE');
  });
});
