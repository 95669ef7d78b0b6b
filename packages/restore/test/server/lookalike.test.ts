import { type Lookalike, startLookalike, victoriaMetricsAnswer } from '@ceres/testkit';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RestoreOptions } from '../../src/options/restore';
import { planRestore } from '../../src/plan/plan';
import { type RestoreReport, restore } from '../../src/restore';
import { type BackupFile, backupOf } from '../support/backup';
import { openWorkspace, type Workspace } from '../support/workspace';

const openedMs = Date.UTC(2024, 0, 10);
const policy = { duration: '876000h', shardDuration: '30m', replication: 1, isDefault: true };
const file: BackupFile = {
  database: 'db',
  retentionPolicy: 'rp',
  openedMs,
  lines: `m v=1 ${openedMs / 1000}\n`,
  header: { policy },
};
const createDatabase = 'CREATE DATABASE "db"';
const createPolicy = 'CREATE RETENTION POLICY "rp" ON "db" DURATION 876000h REPLICATION 1 SHARD DURATION 30m DEFAULT';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.remove());

type Answer = (statement: string) => object;

async function lookalike(answer?: Answer): Promise<Lookalike> {
  const server = await startLookalike(answer);
  onTestFinished(() => server.stop());
  return server;
}

async function restoreInto(
  { url }: Lookalike,
  files: readonly BackupFile[] = [file],
  more: Partial<RestoreOptions> = {},
): Promise<RestoreReport> {
  const plan = await planRestore({ storage: await backupOf(...files), instance: 'src' });
  const { journalFile, rejectsDir } = workspace;
  return await restore(plan, { to: { url }, journalFile, rejectsDir, patienceMs: 1_000, ...more });
}

const done = { results: [{ statement_id: 0 }] };
const rowsOf = (columns: readonly string[], ...values: readonly unknown[][]) => ({
  results: [{ statement_id: 0, series: [{ columns, values }] }],
});

/** Answers as a server that has these policies and shards in `db` once it has accepted the statement that creates it. */
function holding(policies: readonly unknown[][], shards: readonly unknown[][] = [], hasDatabase = false): Answer {
  let exists = hasDatabase;
  return (statement) => {
    if (statement.startsWith(createDatabase)) exists = true;
    if (statement === 'SHOW DATABASES') return rowsOf(['name'], ...(exists ? [['db']] : []));
    if (statement === 'SHOW SHARDS')
      return rowsOf(['id', 'database', 'retention_policy', 'start_time', 'end_time'], ...shards);
    if (!statement.startsWith('SHOW RETENTION POLICIES')) return done;
    return rowsOf(['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'], ...policies);
  };
}

describe('a server that is not InfluxDB is sent no point', () => {
  it.each([
    ['as VictoriaMetrics does', victoriaMetricsAnswer],
    ['without a row', done],
    ['with an empty result', { results: [{}] }],
  ])('if it answers every statement %s, and the error names the server and what to check', async (_, answer) => {
    const server = await lookalike(() => answer);
    await expect(restoreInto(server)).rejects.toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      message:
        `The server ${server.url}/: it accepted '${createDatabase}', but SHOW DATABASES does not list the database, so no ` +
        'point was sent. Ceres needs InfluxDB 1.x: check the URL, and that nothing else answers for InfluxDB there.',
    });
    expect(server).toMatchObject({ writes: 0, statements: expect.arrayContaining([createDatabase]) });
  });

  it('if it answers every statement with an empty object', async () => {
    const server = await lookalike(() => ({}));
    await expect(restoreInto(server)).rejects.toMatchObject({ code: 'SERVER_UNSUPPORTED' });
    expect(server).toMatchObject({ writes: 0, statements: ['SHOW DATABASES'] });
  });

  it.each([
    ['does not list the policy', [['autogen', '0s', '168h0m0s', 1, true]]],
    ['lists a duration of INF', [['rp', '0s', '1h0m0s', 1, true]]],
    ['lists a duration of 875999h', [['rp', '875999h0m0s', '1h0m0s', 1, true]]],
    ['lists a shard duration of 2h', [['rp', '876000h0m0s', '2h0m0s', 1, true]]],
    ['does not list it as the default', [['rp', '876000h0m0s', '1h0m0s', 1, false]]],
  ])('if it accepts a policy, and then %s', async (difference, policies) => {
    const server = await lookalike(holding(policies));
    await expect(restoreInto(server)).rejects.toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      message: expect.stringContaining(
        `it accepted '${createPolicy}', but SHOW RETENTION POLICIES ON "db" ${difference}, so no point was sent.`,
      ),
    });
    expect(server.writes).toBe(0);
  });

  it.each([
    ['duration', ['name', 'shardGroupDuration', 'default'], ['rp', '1h0m0s', true]],
    ['default', ['name', 'duration', 'shardGroupDuration'], ['rp', '876000h0m0s', '1h0m0s']],
  ])('if its policies have no %s', async (column, columns, values) => {
    const honest = holding([]);
    const server = await lookalike((statement) =>
      statement.startsWith('SHOW RETENTION POLICIES') ? rowsOf(columns, values) : honest(statement),
    );
    await expect(restoreInto(server)).rejects.toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      message: expect.stringContaining(`its answer to SHOW RETENTION POLICIES ON "db" has no column '${column}'`),
    });
    expect(server.writes).toBe(0);
  });

  it('if it lists a duration that is not one', async () => {
    const server = await lookalike(holding([['rp', 'a while', '1h0m0s', 1, true]]));
    await expect(restoreInto(server)).rejects.toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      message: expect.stringContaining(`lists the duration 'a while'`),
    });
  });

  it('if it creates a database without the policy that the files need', async () => {
    const { retentionPolicy: _, header: __, ...unnamed } = file;
    const server = await lookalike(holding([]));
    await expect(restoreInto(server, [unnamed])).rejects.toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      message: expect.stringMatching(/no default policy in 'db', so no point was sent.*retention-autocreate/),
    });
    expect(server.writes).toBe(0);
  });

  it('if it lists a shard that it dropped', async () => {
    const server = await lookalike(
      holding(
        [['rp', '876000h0m0s', '1h0m0s', 1, true]],
        [[7, 'db', 'rp', '2024-01-08T00:00:00Z', '2024-01-15T00:00:00Z']],
        true,
      ),
    );
    await expect(restoreInto(server, [file], { wipe: true })).rejects.toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      message: expect.stringContaining(`it accepted 'DROP SHARD 7', but SHOW SHARDS still lists the shard`),
    });
    expect(server.writes).toBe(0);
  });

  it('and no shard of it is dropped, if a statement of the wipe is not confirmed', async () => {
    const server = await lookalike(holding([['old', '0s', '1h0m0s', 1, true]], [[7, 'db', 'old']], true));
    const old = { ...file, retentionPolicy: 'old', openedMs: openedMs + 1 };
    await expect(restoreInto(server, [file, old], { wipe: true })).rejects.toMatchObject({
      code: 'SERVER_UNSUPPORTED',
    });
    expect(server.statements.filter((statement) => statement.startsWith('DROP'))).toEqual([]);
  });
});

it('A server that lists what it created is sent the points, also if it rounds a shard duration up to one hour', async () => {
  const server = await lookalike(holding([['rp', '876000h0m0s', '1h0m0s', 1, true]]));
  expect(await restoreInto(server)).toMatchObject({ lines: 1 });
  expect(server.writes).toBe(2); // one opens the shard
});
