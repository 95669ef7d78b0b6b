import { createHash } from 'node:crypto';
import { compareText } from '../../plan/order';
import type { PolicyDigest } from '../verdict';
import { type Columns, pointField } from './columns';
import type { Grid } from './grid';

interface Policy extends Omit<PolicyDigest, 'digest' | 'points'> {
  points: number;
  /** One for each column. */
  readonly sums: string[];
}

/** Returns a digest of what the database holds of each policy: of the sums of its columns, in the order of their names. */
export function policyDigests(columns: Columns, grid: Grid): readonly PolicyDigest[] {
  const policies = new Map<string, Policy>();
  for (const [number, { count, hi, lo }] of grid.sums('database')) {
    const { database, retentionPolicy, measurement, field } = columns.get(number);
    const name = JSON.stringify([database, retentionPolicy]);
    const policy = policies.get(name) ?? { database, retentionPolicy, points: 0, sums: [] };
    if (field === pointField) policy.points += count;
    policy.sums.push(JSON.stringify([measurement, field, count, hi, lo]));
    policies.set(name, policy);
  }
  const sorted = [...policies].sort(([a], [b]) => compareText(a, b));
  return sorted.map(([, { sums, ...policy }]) => {
    const digest = createHash('sha256').update(sums.sort(compareText).join('\n')).digest('hex');
    return { ...policy, digest };
  });
}
