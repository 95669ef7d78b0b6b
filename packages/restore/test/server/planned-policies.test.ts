import type { PolicySchema } from '@ceres/lineproto';
import { describe, expect, it } from 'vitest';
import { NameMap } from '../../src/options/name-map';
import type { PartitionPlan } from '../../src/plan/types';
import { plannedPolicies } from '../../src/server/policies/planned-policies';
import { missingSchema } from '../../src/server/policies/schema';

const inFile: PolicySchema = { duration: '720h', shardDuration: '24h', replication: 2, isDefault: true };

interface Partition {
  readonly retentionPolicy: string;
  readonly policy?: PolicySchema;
}

/** Returns the statements for a server with these policies in `db`; `undefined` is a server without `db`. */
function statementsFor(
  partitions: readonly Partition[],
  policies: Readonly<Record<string, PolicySchema>> = {},
  { onServer, mapped = {} }: { onServer?: readonly string[]; mapped?: Record<string, string> } = { onServer: [] },
): string[] {
  const plans: PartitionPlan[] = partitions.map((partition) => ({
    instance: 'src',
    database: 'db',
    files: 1,
    bytes: 1,
    firstDay: '20240110',
    lastDay: '20240110',
    ...partition,
  }));
  const policy = { database: 'db', durationMs: Infinity, shardDurationMs: Infinity, isDefault: false };
  const existing = new Map(onServer === undefined ? [] : [['db', onServer.map((name) => ({ ...policy, name }))]]);
  const planned = plannedPolicies(plans, new NameMap({}, { rp_a: 'rp', ...mapped }), policies);
  return missingSchema(existing, planned).map(({ statement }) => statement);
}

describe('plannedPolicies', () => {
  const create = 'CREATE RETENTION POLICY "rp" ON "db" DURATION';

  it('takes what the option says of autogen for a default policy whose name no file says', () => {
    const policies = { autogen: { duration: '30d' } };
    expect(statementsFor([{ retentionPolicy: '' }], policies, {})).toEqual([
      'CREATE DATABASE "db" WITH DURATION 30d REPLICATION 1 NAME "autogen"',
    ]);
  });

  it('changes only the members that the option gives', () => {
    const policies = { rp: { duration: '1440h' } };
    expect(statementsFor([{ retentionPolicy: 'rp', policy: inFile }], policies)).toEqual([
      `${create} 1440h REPLICATION 2 SHARD DURATION 24h DEFAULT`,
    ]);
  });

  it('leaves the shard duration to the server if the file’s is longer than the given duration', () => {
    const given = (schema: PolicySchema) => statementsFor([{ retentionPolicy: 'rp', policy: inFile }], { rp: schema });
    expect(given({ duration: '12h' })).toEqual([`${create} 12h REPLICATION 2 DEFAULT`]);
    expect(given({ duration: 'INF', isDefault: false })).toEqual([`${create} INF REPLICATION 2 SHARD DURATION 24h`]);
    expect(given({ duration: '12h', shardDuration: '2h' })).toEqual([
      `${create} 12h REPLICATION 2 SHARD DURATION 2h DEFAULT`,
    ]);
  });

  it('uses the schema of any file that goes into the policy, also together with the option', () => {
    const partitions = [{ retentionPolicy: 'rp_a' }, { retentionPolicy: 'rp', policy: inFile }];
    expect(statementsFor(partitions, { 'db/rp': { duration: '48h' } })).toEqual([
      `${create} 48h REPLICATION 2 SHARD DURATION 24h DEFAULT`,
    ]);
  });
});

describe('the own name of a default policy', () => {
  const unnamed = { retentionPolicy: '', policy: { ...inFile, name: 'two_weeks' } };
  const emptyServer = {};
  const create = 'CREATE DATABASE "db" WITH DURATION 720h REPLICATION 2 SHARD DURATION 24h NAME';

  it('is the name that it gets, in the statement that creates the database, so that no crash can come between', () => {
    expect(statementsFor([unnamed], {}, emptyServer)).toEqual([`${create} "two_weeks"`]);
    const autogen = { retentionPolicy: '', policy: { ...inFile, name: 'autogen' } };
    expect(statementsFor([autogen], {}, emptyServer)).toEqual([`${create} "autogen"`]);
  });

  it('is quoted, since it comes from a file', () => {
    const hostile = { retentionPolicy: '', policy: { ...inFile, name: 'a" DROP\\\n' } };
    expect(statementsFor([hostile], {}, emptyServer)).toEqual([`${create} "a\\" DROP\\\\\\n"`]);
  });

  it('is not given if a file does not say it: the policy is autogen, as in earlier backups', () => {
    expect(statementsFor([{ retentionPolicy: '', policy: inFile }], {}, emptyServer)).toEqual([`${create} "autogen"`]);
  });

  it('leaves a database that exists as it is, with or without such a policy', () => {
    expect(statementsFor([unnamed], {}, { onServer: ['autogen'] })).toEqual([]);
    expect(statementsFor([unnamed], {}, { onServer: ['autogen', 'two_weeks'] })).toEqual([]);
  });

  it('is created with the database if its files name the policy, and say that it was the default', () => {
    const named = { retentionPolicy: 'two_weeks', policy: { ...inFile, name: 'two_weeks' } };
    const other = { retentionPolicy: 'other', policy: { duration: '5d', isDefault: false } };
    expect(statementsFor([other, named], {}, emptyServer)).toEqual([
      `${create} "two_weeks"`,
      'CREATE RETENTION POLICY "other" ON "db" DURATION 5d REPLICATION 1',
    ]);
    expect(statementsFor([named], {}, { onServer: ['autogen', 'two_weeks'] })).toEqual([]);
  });

  it('is created once if files name the policy as well', () => {
    const named = { retentionPolicy: 'two_weeks', policy: inFile };
    expect(statementsFor([named, unnamed], {}, emptyServer)).toEqual([`${create} "two_weeks"`]);
  });

  it('leaves no other policy as the default, and autogen is a policy like others', () => {
    const other = { retentionPolicy: 'once_default', policy: inFile };
    expect(statementsFor([other, unnamed, { retentionPolicy: 'autogen' }], {}, emptyServer)).toEqual([
      `${create} "two_weeks"`,
      'CREATE RETENTION POLICY "once_default" ON "db" DURATION 720h REPLICATION 2 SHARD DURATION 24h',
      'CREATE RETENTION POLICY "autogen" ON "db" DURATION INF REPLICATION 1',
    ]);
  });

  it('yields to another policy that the option policies makes the default', () => {
    const other = { retentionPolicy: 'rp', policy: { duration: '5d', isDefault: false } };
    expect(statementsFor([unnamed, other], { rp: { duration: '5d', isDefault: true } }, emptyServer)).toEqual([
      'CREATE DATABASE "db"',
      'CREATE RETENTION POLICY "rp" ON "db" DURATION 5d REPLICATION 1 DEFAULT',
    ]);
  });

  it.each(['two_weeks', 'db/two_weeks', '', 'db/'])('is described by the option policies under %j', (key) => {
    const given = { [key]: { duration: '1440h' } };
    expect(statementsFor([unnamed], given, emptyServer)).toEqual([
      'CREATE DATABASE "db" WITH DURATION 1440h REPLICATION 2 SHARD DURATION 24h NAME "two_weeks"',
    ]);
  });

  it('can be given by the option policies, for files that do not say it', () => {
    const given = { '': { duration: '720h', name: 'a month' } };
    expect(statementsFor([{ retentionPolicy: '' }], given, emptyServer)).toEqual([
      'CREATE DATABASE "db" WITH DURATION 720h REPLICATION 1 NAME "a month"',
    ]);
  });

  it('does not matter if a map gives the policy a name', () => {
    expect(statementsFor([unnamed], {}, { mapped: { '': 'rp' } })).toEqual([
      'CREATE DATABASE "db"',
      'CREATE RETENTION POLICY "rp" ON "db" DURATION 720h REPLICATION 2 SHARD DURATION 24h DEFAULT',
    ]);
    expect(statementsFor([unnamed], {}, { mapped: { two_weeks: 'rp' } })).toEqual([`${create} "two_weeks"`]);
  });

  it('is not taken from files of a named policy that a map makes the default', () => {
    const named = { retentionPolicy: 'rp_a', policy: { ...inFile, name: 'two_weeks' } };
    expect(statementsFor([named], {}, { mapped: { rp_a: '' } })).toEqual([`${create} "autogen"`]);
  });
});

describe('missingSchema', () => {
  it.each([
    [{ duration: '59m' }, 'at least 1h'],
    [{ duration: '30s', shardDuration: '30s' }, 'at least 1h'],
    [{ duration: '12h', shardDuration: '24h' }, 'at most its duration, 12h'],
  ])('refuses %j, which InfluxDB would refuse only after a wipe has begun', (given, reason) => {
    const statements = () => statementsFor([{ retentionPolicy: 'rp' }], { rp: given });
    expect(statements).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(reason) }),
    );
  });

  it.each(['1h', '60m', '0s', 'INF', 'inf'])('creates a policy with the duration %s', (duration) => {
    const kept = duration === '1h' || duration === '60m' ? duration : 'INF';
    expect(statementsFor([{ retentionPolicy: 'rp' }], { rp: { duration } })).toEqual([
      `CREATE RETENTION POLICY "rp" ON "db" DURATION ${kept} REPLICATION 1`,
    ]);
  });
});
