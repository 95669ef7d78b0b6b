import { readFile } from 'node:fs/promises';
import type { PolicySchema } from '@ceres/lineproto';
import { InvalidArgumentError } from 'commander';

type Policies = Readonly<Record<string, PolicySchema>>;

const durationPattern = /^(?:\d+[smhdw])+$|^INF$|^0s$/i;

/** Collects `--rp NAME=DURATION`, repeated; the duration in InfluxQL's own form (`5d`, `1h30m`, `INF`). */
export function parsePolicy(text: string, earlier: Policies = {}): Policies {
  const divider = text.lastIndexOf('=');
  const [name, duration] = [text.slice(0, divider), text.slice(divider + 1)];
  if (divider < 1 || !durationPattern.test(duration)) {
    throw new InvalidArgumentError(`'${text}' is not of the form NAME=DURATION, such as rp_5d=5d or forever=INF.`);
  }
  return { ...earlier, [name]: { duration } };
}

/** Reads policies by name from a JSON file; a word in it that nobody would read is refused. */
export async function readSchemaFile(path: string): Promise<Policies> {
  const policies: unknown = parseJson(await readFile(path, 'utf8'), path);
  if (!isRecord(policies)) throw new Error(`${path}: the schema is not an object of policies by name.`);
  return Object.fromEntries(
    Object.entries(policies).map(([name, policy]) => [name, toPolicy(policy, `${path}: policy '${name}'`)]),
  );
}

function toPolicy(policy: unknown, where: string): PolicySchema {
  if (!isRecord(policy)) throw new Error(`${where} is not an object.`);
  const { duration, shardDuration, replication, isDefault, ...unknown } = policy;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) {
    throw new Error(
      `${where} has an unknown '${stranger}'; known are duration, shardDuration, replication, isDefault.`,
    );
  }
  return {
    duration: mustBeDuration(duration, `${where}, duration`),
    ...(shardDuration !== undefined && { shardDuration: mustBeDuration(shardDuration, `${where}, shardDuration`) }),
    ...(replication !== undefined && { replication: mustBe<number>('number', replication, `${where}, replication`) }),
    ...(isDefault !== undefined && { isDefault: mustBe<boolean>('boolean', isDefault, `${where}, isDefault`) }),
  };
}

function mustBeDuration(value: unknown, where: string): string {
  if (typeof value === 'string' && durationPattern.test(value)) return value;
  throw new Error(`${where} is no duration such as "5d", "1h30m" or "INF".`);
}

function mustBe<T>(type: 'number' | 'boolean', value: unknown, where: string): T {
  if (typeof value !== type) throw new Error(`${where} is not a ${type}.`);
  return value as T;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
