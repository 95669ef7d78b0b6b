import { expect, it } from 'vitest';
import type { ComparedPolicy } from '../../src/verify/compared-policies';
import { ValueAlarms } from '../../src/watch/judge/value-alarms';

it('an alarm about a database that is gone says that its policy is the default one', () => {
  const reasonOf = (name: string) => {
    const alarms = new ValueAlarms('i');
    const policy = { database: 'db', name } as ComparedPolicy;
    const place = { policy, measurement: 'm', tags: [], time: 0n, field: 'v' };
    alarms.add({ ...place, kind: 'missing', inBackup: 1, inDatabase: undefined });
    return alarms.list(false)[0]?.reason;
  };
  expect(reasonOf('')).toBe('1 value missing from the database: db.(default) m, at 1970-01-01T00:00:00.000Z');
  expect(reasonOf('rp')).toBe('1 value missing from the database: db.rp m, at 1970-01-01T00:00:00.000Z');
});
