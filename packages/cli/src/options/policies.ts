import { readFile } from 'node:fs/promises';
import type { PolicySchema } from '@ceres/lineproto';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError, check } from '../errors';
import { onlyGiven } from './values';

/** Retention policies by name, as `restore()` takes them. */
export type Policies = Readonly<Record<string, PolicySchema>>;

const members = [
  'name',
  'duration',
  'shardDuration',
  'replication',
  'isDefault',
] as const satisfies readonly (keyof PolicySchema)[];

const anyReplication = { min: 1, max: Number.MAX_SAFE_INTEGER };

/** The options that describe policies. */
export interface PolicyOptions {
  readonly rp?: Policies;
  readonly policies?: string;
}

export function withPolicies(command: Command): Command {
  return command
    .option('--rp <name=duration>', 'create this policy if it is missing, such as rp_5d=5d (repeatable)', collectPolicy)
    .option(
      '--policies <file>',
      'the same from JSON: {NAME: {duration, shardDuration, replication, isDefault}}; "" is the default policy, and takes a name',
    );
}

export async function toPolicies({ rp, policies }: PolicyOptions): Promise<Policies> {
  return { ...(policies === undefined ? {} : await readPolicies(policies)), ...rp };
}

/** Collects `NAME=DURATION` of an option that may be repeated; the duration as InfluxQL writes it (`5d`, `1h30m`, `INF`). */
export function collectPolicy(text: string, earlier: Policies = {}): Policies {
  const divider = text.lastIndexOf('=');
  const [name, duration] = [text.slice(0, divider), text.slice(divider + 1)];
  if (divider < 1 || !isPolicyDuration(duration)) {
    throw new InvalidArgumentError('Expected NAME=DURATION, such as rp_5d=5d or forever=INF.');
  }
  return { ...earlier, [name]: { duration } };
}

/** Reads retention policies by name from a JSON file. A member that has no meaning is refused, not ignored. */
export async function readPolicies(path: string): Promise<Policies> {
  const policies: unknown = parseJson(await readFile(path, 'utf8'), path);
  check.that(isRecord(policies), path, 'a JSON object of policies by name', policies);
  return Object.fromEntries(
    Object.entries(policies as object).map(([name, policy]) => [name, toPolicy(policy, `${path}: ${name}`)]),
  );
}

function toPolicy(policy: unknown, where: string): PolicySchema {
  check.that(isRecord(policy), where, 'a JSON object', policy);
  check.names(`policy \`${where}\``, policy, members);
  const { name, duration, shardDuration, replication, isDefault } = policy as Partial<
    Record<keyof PolicySchema, unknown>
  >;
  return onlyGiven<PolicySchema>({
    name: name === undefined ? undefined : check.text(`${where}.name`, name, 'two_weeks'),
    duration: policyDuration(`${where}.duration`, duration),
    shardDuration: shardDuration === undefined ? undefined : policyDuration(`${where}.shardDuration`, shardDuration),
    replication:
      replication === undefined ? undefined : check.wholeNumber(`${where}.replication`, replication, anyReplication),
    isDefault: isDefault === undefined ? undefined : check.flag(`${where}.isDefault`, isDefault),
  });
}

function policyDuration(name: string, value: unknown): string {
  const isGood = typeof value === 'string' && isPolicyDuration(value);
  check.that(isGood, name, 'a duration, such as "5d", "1h30m" or "INF"', value);
  return value as string;
}

/** Says whether a text is a duration of InfluxQL, such as `1h30m`, or `INF`. */
function isPolicyDuration(text: string): boolean {
  return /^(?:\d+[smhdw])+$|^INF$/i.test(text);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError('INVALID_OPTIONS', `Expected JSON in ${path}: ${(cause as Error).message}`, { cause });
  }
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
