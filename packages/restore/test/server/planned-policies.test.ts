import type { PolicySchema } from '@ceres/lineproto';
import { describe, expect, it } from 'vitest';
import { NameMap } from '../../src/options/name-map';
import type { PartitionPlan } from '../../src/plan/types';
import { plannedPolicies } from '../../src/server/planned-policies';
import { missingSchema } from '../../src/server/schema';

const inFile: PolicySchema = { duration: '720h', shardDuration: '24h', replication: 2, isDefault: true };

function statementsFor(
  partitions: readonly { retentionPolicy: string; policy?: PolicySchema }[],
  policies: Readonly<Record<string, PolicySchema>>,
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
  const existing = new Map([['db', []]]);
  const planned = plannedPolicies(plans, new NameMap({}, { rp_a: 'rp' }), policies);
  return missingSchema(existing, planned).map(({ statement }) => statement);
}

describe('plannedPolicies', () => {
  const create = 'CREATE RETENTION POLICY "rp" ON "db" DURATION';

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
