import { nanosecondsPer, type Precision, parseLines } from '@ceres/lineproto';

type Fields = Record<string, number | bigint | boolean | string>;

/** The points of one series by time, in nanoseconds. */
interface Series {
  readonly tags: Readonly<Record<string, string>>;
  readonly points: Map<bigint, Fields>;
}

/** The series of one measurement, by their tag sets. */
export type Measurement = ReadonlyMap<string, Series>;

export interface Policy {
  readonly duration: string;
  readonly isDefault: boolean;
  /** The series by measurement, then by tag set. */
  readonly measurements: Map<string, Map<string, Series>>;
}

const precisions: Readonly<Record<string, Precision>> = { n: 'ns', u: 'us', ms: 'ms', s: 's', m: 'm', h: 'h' };

/** Holds what the stand-in was sent: databases, policies, points. Points of one series and time merge, as in InfluxDB. */
export class StandInStore {
  readonly databases = new Map<string, Map<string, Policy>>();

  createDatabase(name: string): void {
    if (!this.databases.has(name)) this.databases.set(name, new Map());
  }

  createPolicy(database: string, name: string, duration: string, isDefault: boolean): void {
    this.databases.get(database)?.set(name, { duration, isDefault, measurements: new Map() });
  }

  policy(database: string, name: string): Policy | undefined {
    const policies = this.databases.get(database);
    return name === '' ? [...(policies?.values() ?? [])].find(({ isDefault }) => isDefault) : policies?.get(name);
  }

  measurementNames(database: string): string[] {
    const policies = [...(this.databases.get(database)?.values() ?? [])];
    return [...new Set(policies.flatMap(({ measurements }) => [...measurements.keys()]))].sort();
  }

  write(database: string, policyName: string, precisionWord: string, lines: Uint8Array) {
    if (!this.databases.has(database)) return { status: 404, error: `database not found: "${database}"` };
    const policy = this.policy(database, policyName);
    if (policy === undefined) return { status: 500, error: `retention policy not found: ${policyName}` };
    const precision = precisions[precisionWord] ?? 'ns';
    for (const { measurement, tags, fields, timestamp } of parseLines(Buffer.from(lines).toString(), { precision })) {
      const series = getOrCreate(policy.measurements, measurement, () => new Map<string, Series>());
      const { points } = getOrCreate(series, JSON.stringify(tags), () => ({ tags, points: new Map() }));
      Object.assign(
        getOrCreate(points, (timestamp ?? 0n) * nanosecondsPer[precision], () => ({})),
        fields,
      );
    }
    return 'stored';
  }
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}
