import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { formatSchema, type InfluxSchema } from '@ceres/influx-http/internal';
import { MemoryStorage } from '@ceres/storage';
import { schemaKey } from '@ceres/storage/internal';
import { query } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { planRestore } from '../../src/plan/plan';
import { previewRestore } from '../../src/preview';
import { restore } from '../../src/restore';
import { putFiles, uuidV7 } from '../support/backup';
import { describeOnInfluxd, numbered, startMs } from '../support/ground';
import { put, putSeed } from '../support/seed';

const takenMs = Date.UTC(2026, 10, 30);
const id = uuidV7(takenMs, 99);

function schemaOf(database: string): InfluxSchema {
  const day = { shardDuration: '24h0m0s', replication: 1 };
  return {
    databases: [
      {
        name: database,
        policies: [
          { name: 'forever', duration: 'INF', ...day, isDefault: true },
          { name: 'rp_1y', duration: '8760h0m0s', ...day, isDefault: false },
        ],
        continuousQueries: [
          {
            name: 'hourly',
            definition: `BEGIN SELECT mean(v) AS v INTO "${database}".rp_1y.m FROM "${database}".forever.m GROUP BY time(1h) END`,
          },
          { name: 'odd', definition: `BEGIN SELECT mean(v) INTO n FROM m WHERE t = ';' GROUP BY time(1h) END` },
        ],
        subscriptions: [{ name: 'sub', retentionPolicy: 'forever', mode: 'ALL', destinations: ['http://127.0.0.1:1'] }],
      },
      {
        name: `${database} empty`,
        policies: [{ name: 'rp_5d', duration: '120h0m0s', ...day, isDefault: true }],
        continuousQueries: [],
        subscriptions: [],
      },
    ],
    users: [{ name: 'grafana', isAdmin: false, grants: [{ database, privilege: 'READ' }] }],
  };
}

const origin = { instance: 'src', takenMs };
const putText = (storage: MemoryStorage, text: string, under = schemaKey('src', id)) =>
  put(storage, under, gzipSync(text));

describeOnInfluxd('a restore with the schema', (ground) => {
  /** A backup with ten points of a policy that no file describes, and a schema. */
  async function backup(text = formatSchema(schemaOf(ground.database), origin)): Promise<MemoryStorage> {
    const storage = new MemoryStorage();
    await putFiles(storage, [
      { database: ground.database, retentionPolicy: 'forever', openedMs: startMs, lines: numbered(10) },
    ]);
    await putText(storage, text);
    return storage;
  }

  const withSchema = () => ({ ...ground.options(), withSchema: true });
  const planOf = (storage: MemoryStorage) => planRestore({ storage, instance: 'src' });
  const queriesOf = async (database: string) =>
    (await query(ground.influxd.url, '', 'SHOW CONTINUOUS QUERIES'))
      .filter(({ name }) => name === database)
      .flatMap(({ values }) => values.map(([name]) => name));
  const policiesOf = async (database: string) =>
    (await query(ground.influxd.url, database, 'SHOW RETENTION POLICIES')).flatMap(({ values }) =>
      values.map(([name, duration, , , isDefault]) => [name, duration, isDefault]),
    );

  it('creates databases and policies before the points, continuous queries after them, and leaves the rest to a human', async () => {
    const plan = await planOf(await backup());
    const preview = await previewRestore(plan, withSchema());
    expect(preview.creates).toHaveLength(3);
    const report = await restore(plan, withSchema());
    expect(report).toMatchObject({ lines: 10, schema: preview.schema });
    expect(await ground.countOf('"forever"."m"')).toBe(10);
    expect(await policiesOf(ground.database)).toEqual([
      ['forever', '0s', true],
      ['rp_1y', '8760h0m0s', false],
    ]);
    expect(await policiesOf(`${ground.database} empty`)).toEqual([['rp_5d', '120h0m0s', true]]);
    expect(await queriesOf(ground.database)).toEqual(['hourly']);
    expect(report.schema?.created).toEqual([expect.stringContaining('CREATE CONTINUOUS QUERY "hourly"')]);
    expect(report.schema?.byHand).toEqual([
      expect.stringContaining('CREATE CONTINUOUS QUERY "odd"'),
      `CREATE SUBSCRIPTION "sub" ON "${ground.database}"."forever" DESTINATIONS ALL 'http://127.0.0.1:1'`,
      `CREATE USER "grafana" WITH PASSWORD ''`,
      `GRANT READ ON "${ground.database}" TO "grafana"`,
    ]);
    expect(await query(ground.influxd.url, '', 'SHOW USERS')).toMatchObject([{ values: [] }]);
    expect(await query(ground.influxd.url, '', 'SHOW SUBSCRIPTIONS')).toEqual([]);

    // Once more, with a continuous query that is another one by now: what exists stays as it is.
    await query(ground.influxd.url, '', `DROP CONTINUOUS QUERY hourly ON "${ground.database}"`);
    const other = `CREATE CONTINUOUS QUERY hourly ON "${ground.database}" BEGIN SELECT max(v) INTO x FROM m GROUP BY time(1h) END`;
    await query(ground.influxd.url, '', other);
    const again = await restore(plan, withSchema());
    expect(again).toMatchObject({ alreadyFinished: true, schema: { created: [] } });
    expect(again.schema?.byHand[0]).toContain('CREATE CONTINUOUS QUERY "hourly"');
  });

  it('without the option does nothing of it', async () => {
    const plan = await planOf(await backup());
    await expect(restore(plan, ground.options())).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    const policies = { forever: { duration: 'INF' } };
    expect(await restore(plan, { ...ground.options(), policies })).not.toHaveProperty('schema');
    expect(await queriesOf(ground.database)).toEqual([]);
  });

  it('under another name leaves continuous queries to a human, because they name databases themselves', async () => {
    const storage = await backup();
    const mapDatabase = { [ground.database]: `${ground.database} copy` };
    const report = await restore(await planOf(storage), { ...withSchema(), mapDatabase });
    expect((await policiesOf(`${ground.database} copy`)).map(([name]) => name)).toEqual(['forever', 'rp_1y']);
    expect(report.schema?.created).toEqual([]);
    expect(report.schema?.byHand.slice(0, 2)).toEqual([
      expect.stringContaining('CREATE CONTINUOUS QUERY "hourly"'),
      expect.stringContaining('CREATE CONTINUOUS QUERY "odd"'),
    ]);
  });

  it('takes what the files say of a policy for newer', async () => {
    const storage = await backup();
    const policy = { duration: '48h', isDefault: true };
    await putFiles(storage, [
      {
        database: ground.database,
        retentionPolicy: 'rp_1y',
        openedMs: startMs + 1,
        lines: numbered(1),
        header: { policy },
      },
    ]);
    await restore(await planOf(storage), { ...withSchema(), intoExisting: true });
    expect(await policiesOf(ground.database)).toContainEqual(['rp_1y', '48h0m0s', expect.anything()]);
  });

  it('believes the schema of a finished seed before one that was left behind', async () => {
    const storage = await backup();
    const behind = {
      ...schemaOf(ground.database),
      databases: [{ ...schemaOf('left behind').databases[1], name: 'left behind' }],
    };
    await putText(
      storage,
      formatSchema(behind as InfluxSchema, { ...origin, takenMs: takenMs + 1 }),
      schemaKey('src', uuidV7(takenMs, 1)),
    );
    const file = { database: ground.database, retentionPolicy: 'forever', lines: numbered(1) };
    await putSeed(storage, { takenMs, files: [file] });
    const { creates } = await previewRestore(await planOf(storage), withSchema());
    expect(creates.join()).not.toContain('left behind');
    expect(creates.join()).toContain('rp_1y');
  });

  it.each<[string, (database: string) => Uint8Array | string, RegExp]>([
    [
      'another statement',
      (name) => confirmed(name, 'DROP DATABASE "x"'),
      /line 3 is none of the statements.*DROP DATABASE/,
    ],
    [
      'two statements in one continuous query',
      (name) =>
        confirmed(name, `CREATE CONTINUOUS QUERY "a" ON "${name}" BEGIN SELECT v INTO x FROM m END; DROP DATABASE x`),
      /line 3 may hold more than one statement/,
    ],
    ['a changed byte', (name) => formatSchema(schemaOf(name), origin).replace('8760h', '8761h'), /does not confirm/],
    ['another instance', (name) => formatSchema(schemaOf(name), { ...origin, instance: 'b' }), /another instance/],
    ['no gzip', () => Buffer.from('CREATE DATABASE x'), /not gzip/],
    ['too many bytes', () => '-'.repeat(17 * 1024 * 1024), /unpacks to more than/],
  ])('refuses %s by name, before anything is changed', async (_, content, reason) => {
    const storage = new MemoryStorage();
    await putFiles(storage, [{ database: ground.database, openedMs: startMs, lines: numbered(1) }]);
    const made = content(ground.database);
    await put(storage, schemaKey('src', id), typeof made === 'string' ? gzipSync(made) : made);
    const named = new RegExp(`${schemaKey('src', id)} is refused.*${reason.source}`);
    const refused = { code: 'SCHEMA_REFUSED', message: expect.stringMatching(named) };
    await expect(restore(await planOf(storage), withSchema())).rejects.toMatchObject(refused);
    expect(
      (await query(ground.influxd.url, '', 'SHOW DATABASES')).flatMap(({ values }) => values.flat()),
    ).not.toContain(ground.database);
  });

  it('says that a backup has none', async () => {
    const storage = new MemoryStorage();
    await putFiles(storage, [{ database: ground.database, openedMs: startMs, lines: numbered(1) }]);
    await expect(restore(await planOf(storage), withSchema())).rejects.toThrow(/holds no schema/);
  });
});

/** Returns a schema that creates a database and has one more line. */
function confirmed(database: string, line: string): string {
  const [first = ''] = formatSchema({ databases: [] }, origin).split('\n');
  const text = `${[first, `CREATE DATABASE "${database}"`, line].join('\n')}\n`;
  return `${text}-- CERES-END: lines=3 sha256=${createHash('sha256').update(text).digest('hex')}\n`;
}
