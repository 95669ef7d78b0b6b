import { describe, expect, it } from 'vitest';
import { ignoredPolicies } from '../../src/server/policies/ignored-policies';

describe('ignoredPolicies', () => {
  const planned = [
    { database: 'db', name: '', firstDay: '20240110', schema: { duration: '14d', name: 'two_weeks' } },
    { database: 'db', name: 'rp_5d', firstDay: '20240110' },
    { database: 'other', name: '', firstDay: '20240110' },
  ];
  const days = (count: number) => count * 86_400_000;
  const onServer = (name: string, durationMs: number, isDefault: boolean) => {
    return { database: 'db', name, durationMs, shardDurationMs: days(1), isDefault };
  };

  it('names what no file of the plan goes into, and nothing that creates a policy', () => {
    const given = ['rp_5', 'rp_5d', 'db/rp_5d', 'db/two_weeks', 'two_weeks', 'autogen', 'other/autogen', ''];
    const policies = Object.fromEntries([...given, 'db/autogen'].map((name) => [name, { duration: '5d' }]));
    expect(ignoredPolicies(policies, planned, new Map())).toEqual([
      { name: 'rp_5', exists: false },
      { name: 'db/autogen', exists: false },
    ]);
  });

  it('names what the server has with another duration: what exists is not changed', () => {
    const schema = new Map([['db', [onServer('two_weeks', days(14), true), onServer('rp_5d', days(5), false)]]]);
    const policies = { rp_5d: { duration: '120h' }, two_weeks: { duration: '30d' } };
    expect(ignoredPolicies(policies, planned, schema)).toEqual([{ name: 'two_weeks', exists: true }]);
  });
});
