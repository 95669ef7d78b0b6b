import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formatSchema } from '../../src/schema/format-schema';
import { parseSchema, schemaBytesMax } from '../../src/schema/parse-schema';
import { origin, schema } from './example';

const text = formatSchema(schema, origin);
const lines = text.split('\n').slice(0, -2);

describe('a schema as text', () => {
  it('reads back, whatever the names', () => {
    const parsed = parseSchema(text, 'it');
    expect(parsed).toMatchObject(origin);
    const [first, ...others] = schema.databases;
    const policies = first?.policies.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
    const continuousQueries = first?.continuousQueries;
    expect(parsed.schema.users).toEqual(schema.users);
    expect(parsed.schema.databases).toEqual([{ ...first, policies, continuousQueries }, ...others]);
  });

  it('says where users are not known, and leaves out what the server keeps for itself', () => {
    const internal = { name: '_internal', policies: [], continuousQueries: [], subscriptions: [] };
    const without = formatSchema({ databases: [internal] }, origin);
    expect(without).toContain('-- Users and their grants are not in here');
    expect(without).not.toContain('_internal');
    expect(parseSchema(without, 'it').schema).toEqual({ databases: [] });
  });

  it('has a statement in each line, and in comments what a human must look at', () => {
    expect(lines).toContain(
      'CREATE DATABASE "db_0" WITH DURATION 120h0m0s REPLICATION 1 SHARD DURATION 24h0m0s NAME "rp_5d"',
    );
    expect(lines).toContain('-- CREATE USER "admin" WITH PASSWORD \'\' WITH ALL PRIVILEGES');
    expect(lines).toContain('-- GRANT READ ON "db_0" TO "a \\"b\\" \\\\ c\\nd"');
    const doubtful = lines.filter((line) => line.includes("';'"));
    expect(doubtful).toEqual([expect.stringMatching(/^-- CREATE CONTINUOUS QUERY "odd"/)]);
  });

  it.each<[string, string, RegExp]>([
    ['another statement', 'DROP DATABASE "db_0"', /line 2 is none of the statements.*DROP DATABASE/],
    ['a second statement behind one', 'CREATE DATABASE "a"; DROP DATABASE "db_0"', /none of the statements/],
    ['a statement in a name that never ends', 'CREATE DATABASE "a', /none of the statements/],
    ['an escape that InfluxDB does not know', 'CREATE DATABASE "a\\x"', /none of the statements/],
    ['a user without a password', 'CREATE USER "a" WITH PASSWORD \'\'', /would create a user without a password/],
    ['a grant', 'GRANT ALL ON "a" TO "b"', /would create a user/],
    ['the database of the server', 'CREATE DATABASE "_internal"', /is about _internal/],
    ['a policy of no database', 'CREATE RETENTION POLICY "a" ON "b" DURATION 1h REPLICATION 1', /does not create/],
    [
      'a duration that is more',
      'CREATE DATABASE "a" WITH DURATION 1h;DROP REPLICATION 1 NAME "b"',
      /none of the statements/,
    ],
    ['blanks that we do not write', 'CREATE  DATABASE "a"', /none of the statements/],
    ['no statement', '', /none of the statements/],
  ])('refuses %s by name', (_, line, message) => {
    expect(() => parseSchema(confirmed([lines[0] ?? '', line]), '~schema/x.gz')).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEMA', message: expect.stringMatching(message) }),
    );
  });

  it.each([
    'BEGIN SELECT v INTO x FROM m END; DROP DATABASE db_0',
    'BEGIN DROP DATABASE db_0 END',
    "BEGIN SELECT v INTO x FROM m WHERE t =~ /'/; DROP DATABASE db_0 --' END",
    'RESAMPLE EVERY 1h; DROP DATABASE db_0; BEGIN SELECT v INTO x FROM m END',
  ])('refuses a continuous query that may be more than one: %s', (definition) => {
    const query = `CREATE CONTINUOUS QUERY "q" ON "a" ${definition}`;
    const wrong = confirmed([lines[0] ?? '', 'CREATE DATABASE "a"', query]);
    expect(() => parseSchema(wrong, 'it')).toThrow(/line 3 may hold more than one statement/);
  });

  it('refuses a text that is cut, changed or too long', () => {
    for (let end = 0; end < text.length; end += 53) {
      expect(() => parseSchema(text.slice(0, end), 'it')).toThrow(expect.objectContaining({ code: 'INVALID_SCHEMA' }));
    }
    expect(() => parseSchema(text.replace('120h', '121h'), 'it')).toThrow(/last line does not confirm/);
    const later = confirmed([(lines[0] ?? '').replace('format=1', 'format=2')]);
    expect(() => parseSchema(later, 'it')).toThrow(/a later version of Ceres/);
    for (const first of ['-- hello', '-- CERES-SCHEMA: format=1 instance=% taken=2026-11-30T12:00:00.000Z']) {
      expect(() => parseSchema(confirmed([first]), 'it')).toThrow(/first line is not that of a schema/);
    }
    expect(() => parseSchema(' '.repeat(schemaBytesMax + 1), 'it')).toThrow(/has more than/);
  });
});

/** Returns lines, and a last one that confirms them. */
function confirmed(some: readonly string[]): string {
  const covered = some.map((line) => `${line}\n`).join('');
  return `${covered}-- CERES-END: lines=${some.length} sha256=${createHash('sha256').update(covered).digest('hex')}\n`;
}
