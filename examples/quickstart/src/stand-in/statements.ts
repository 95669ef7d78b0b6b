import type { Measurement, Policy, StandInStore } from './store';

interface ResultSeries {
  readonly name?: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

type Statement = readonly [
  pattern: RegExp,
  run: (store: StandInStore, database: string, words: readonly (string | undefined)[]) => readonly ResultSeries[],
];

const quotedName = '"((?:[^"\\\\]|\\\\.)*)"';

/** Every statement that the demo, restore and verify send. */
const statements: readonly Statement[] = [
  [
    statement(`create database ${quotedName}`),
    (store, _, [database = '']) => {
      store.createDatabase(database);
      return [];
    },
  ],
  [
    statement(
      `create retention policy ${quotedName} on ${quotedName} duration (\\S+) replication \\d+(?: shard duration \\S+)?( default)?`,
    ),
    (store, _, [policy = '', database = '', duration = '', isDefault]) => {
      store.createPolicy(database, policy, duration, isDefault !== undefined);
      return [];
    },
  ],
  [statement('show databases'), (store) => [series('databases', ['name'], rows(store.databases.keys()))]],
  [statement('show shards'), () => []],
  [
    statement(`show retention policies on ${quotedName}`),
    (store, _, [database = '']) => [
      series(
        undefined,
        ['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'],
        [...(store.databases.get(database) ?? [])].map(([policy, { duration, isDefault }]) => [
          policy,
          inHours(duration),
          '24h0m0s',
          1,
          isDefault,
        ]),
      ),
    ],
  ],
  [
    statement('show measurements'),
    (store, database) => [series('measurements', ['name'], rows(store.measurementNames(database)))],
  ],
  [
    statement(`show field keys from ${quotedName}./\\.\\*/`),
    (store, database, [policy = '']) =>
      [...(store.policy(database, policy)?.measurements ?? [])].map(([measurement, points]) =>
        series(
          measurement,
          ['fieldKey', 'fieldType'],
          [...fieldsOf(points)].map(([field, type]) => [field, type]),
        ),
      ),
  ],
  [
    statement(`select count\\(.*\\) from ${quotedName}.(?:${quotedName}|/\\.\\*/)(?: where .*)?`),
    (store, database, [policy = '', measurement]) => countAll(store.policy(database, policy), measurement),
  ],
  [
    statement(`select \\* from ${quotedName}.${quotedName}(?: order by time desc)? limit 1`),
    (store, database, [policy = '', measurement = '']) => newest(find(store, database, policy, measurement)),
  ],
];

export function answer(store: StandInStore, database: string, query: string): object {
  for (const [pattern, run] of statements) {
    const match = pattern.exec(query);
    if (match) return { results: [{ statement_id: 0, series: run(store, database, match.slice(1)) }] };
  }
  return { results: [{ statement_id: 0, error: `The stand-in does not know this statement: ${query}` }] };
}

function find(store: StandInStore, database: string, policy: string, measurement: string): Measurement {
  return store.policy(database, policy)?.measurements.get(measurement) ?? new Map();
}

/** Returns a row for each measurement: how many points have each field. */
function countAll(policy: Policy | undefined, measurementName: string | undefined): ResultSeries[] {
  return [...(policy?.measurements ?? [])]
    .filter(([measurement]) => measurementName === undefined || measurement === measurementName)
    .map(([measurement, points]) => {
      const counts = new Map<string, number>([...fieldsOf(points).keys()].map((field) => [field, 0]));
      for (const { fields } of pointsOf(points)) {
        for (const field of Object.keys(fields)) counts.set(field, (counts.get(field) ?? 0) + 1);
      }
      const columns = [...counts.keys()].map((field) => `count_${field}`);
      return series(measurement, ['time', ...columns], [[0, ...counts.values()]]);
    });
}

function newest(measurement: Measurement): ResultSeries[] {
  const timesMs = [...pointsOf(measurement)].map(({ timeNs }) => Number(timeNs / 1_000_000n));
  if (timesMs.length === 0) return [];
  const newestMs = timesMs.reduce((latestMs, ms) => Math.max(latestMs, ms));
  return [series(undefined, ['time'], [[new Date(newestMs).toISOString()]])];
}

/** Returns the fields in the order of their names, each with InfluxDB's word for its type. */
function fieldsOf(measurement: Measurement): Map<string, string> {
  const types = { number: 'float', bigint: 'integer', boolean: 'boolean', string: 'string' } as const;
  const fields = new Map<string, string>();
  for (const point of pointsOf(measurement)) {
    for (const [field, value] of Object.entries(point.fields)) {
      fields.set(field, types[typeof value as keyof typeof types]);
    }
  }
  return new Map([...fields].sort());
}

function* pointsOf(measurement: Measurement) {
  for (const { points } of measurement.values()) for (const [timeNs, fields] of points) yield { timeNs, fields };
}

/** Returns a duration such as `5d` as InfluxDB shows it: `120h0m0s`. */
function inHours(duration: string): string {
  const [, days] = /^(\d+)d$/.exec(duration) ?? [];
  return days === undefined ? duration : `${Number(days) * 24}h0m0s`;
}

function statement(pattern: string): RegExp {
  return new RegExp(`^\\s*${pattern.replaceAll(' ', '\\s+')}\\s*;?\\s*$`, 'is');
}

function series(
  name: string | undefined,
  columns: readonly string[],
  values: readonly (readonly unknown[])[],
): ResultSeries {
  return { ...(name !== undefined && { name }), columns, values };
}

function rows(names: Iterable<string>): unknown[][] {
  return [...names].map((each) => [each]);
}
