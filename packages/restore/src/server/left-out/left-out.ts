import { RestoreError } from '../../errors';
import type { NameMap } from '../../options/name-map';
import type { PlanSource } from '../../plan/plan';
import { policyNamesOf } from '../../plan/types';
import { findPolicy, missingSchema, type PlannedPolicy, type ServerSchema } from '../policies/schema';
import { nameRefusal } from './impossible-names';

/** Why the server cannot have a policy of the backup. */
export type LeftOutCause =
  | 'database-name' // InfluxDB creates no database of that name
  | 'policy-name' // InfluxDB creates no policy of that name
  | 'no-duration' // it does not exist, and neither a file nor an option says how long it keeps points
  | 'policy-schema'; // InfluxDB refuses the duration or another member that a file gives

/** A policy of the backup that is not restored, so that it does not keep the others from being restored. */
export interface LeftOut {
  /** The names in the backup; `''` is the default policy. */
  readonly database: string;
  readonly retentionPolicy: string;
  readonly cause: LeftOutCause;
  readonly reason: string;
  /** The files that hold its points. */
  readonly files: number;
  /** Set if these files hold points of policies that are restored, too: a journal then counts them as done. */
  readonly isShared?: true;
}

/** What is left of a plan, and what is not. */
export interface Separated {
  readonly source: PlanSource;
  readonly planned: readonly PlannedPolicy[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Leaves out what the server cannot have: one client that misspells a name once must not keep a whole backup from being restored.
 *
 * @throws RestoreError `INVALID_OPTIONS` if nothing would be left, or if an option describes a policy that InfluxDB refuses
 */
export function leaveOut(
  source: PlanSource,
  planned: readonly PlannedPolicy[],
  schema: ServerSchema,
  map: NameMap,
): Separated {
  const impossible = new Map<string, Obstacle>();
  const kept = planned.filter((policy) => {
    const obstacle = obstacleOf(policy, schema);
    if (obstacle !== undefined) impossible.set(nameOf(policy.database, policy.name), obstacle);
    return obstacle === undefined;
  });
  const leftOut: LeftOut[] = [];
  const partitions = source.partitions.filter((partition) => {
    const { database, files } = partition;
    const names = policyNamesOf(partition);
    const here = names.flatMap((retentionPolicy) => {
      const onServer = nameOf(map.database(database), map.retentionPolicy(retentionPolicy));
      const obstacle = impossible.get(onServer);
      return obstacle === undefined ? [] : [{ database, retentionPolicy, ...obstacle, files }];
    });
    const isShared = here.length < names.length;
    for (const one of here) leftOut.push(isShared ? { ...one, isShared } : one);
    return isShared;
  });
  const [first] = leftOut;
  if (partitions.length === 0 && first !== undefined) throw new RestoreError('INVALID_OPTIONS', inWords(first));
  return { source: { ...source, partitions }, planned: kept, leftOut };
}

type Obstacle = Pick<LeftOut, 'cause' | 'reason'>;

function obstacleOf(policy: PlannedPolicy, schema: ServerSchema): Obstacle | undefined {
  const { database, name, isGiven } = policy;
  if (findPolicy(schema, database, name) !== undefined) return undefined;
  const ofDatabase = schema.has(database) ? undefined : nameRefusal(database);
  if (ofDatabase !== undefined) return { cause: 'database-name', reason: `${ofDatabase}: '${database}'` };
  const ofPolicy = nameRefusal(name);
  if (ofPolicy !== undefined) return { cause: 'policy-name', reason: `${ofPolicy}: '${name}'` };
  try {
    missingSchema(schema, [policy]);
    return undefined;
  } catch (error) {
    if (!(error instanceof RestoreError) || isGiven) throw error;
    return { cause: policy.schema === undefined ? 'no-duration' : 'policy-schema', reason: error.message };
  }
}

function inWords({ cause, database, retentionPolicy, reason }: LeftOut): string {
  const todo = {
    'database-name': ` Give it another name with mapDatabase: { '${database}': '…' }.`,
    'policy-name': ` Give it another name with mapRetentionPolicy: { '${retentionPolicy}': '…' }.`,
    'no-duration': '',
    'policy-schema': '',
  }[cause];
  return `Nothing of the plan can be restored. ${reason}${reason.endsWith('.') ? '' : '.'}${todo}`;
}

function nameOf(database: string, policy: string): string {
  return JSON.stringify([database, policy]);
}
