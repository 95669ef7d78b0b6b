import type { Policy, StandInStore } from './stand-in-store';

interface ResultSeries {
  readonly name?: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

type Statement = readonly [
  pattern: RegExp,
  run: (store: StandInStore, database: string, words: readonly string[]) => readonly ResultSeries[],
];

const name = '"((?:[^"\\\\]|\\\\.)*)"';

/** The statements of the demo, of restore and of verify. */
const statements: readonly Statement[] = [
  [
    statement(`create database ${name}`),
    (store, _, [database = '']) => {
      store.createDatabase(database);
      return [];
    },
  ],
  [
    statement(
      `create retention policy ${name} on ${name} duration (\\S+) replication \\d+(?: shard duration \\S+)?( default)?`,
    ),
    (store, _, [policy = '', database = '', duration = '', isDefault]) => {
      store.createPolicy(database, policy, duration, isDefault !== undefined);
      return [];
    },
  ],
  [
    statement('show databases'),
    (store) => [{ name: 'databases', columns: ['name'], values: rows(store.databases.keys()) }],
  ],
];

export function answer(store: StandInStore, database: string, query: string, _epoch: string): object {
  for (const [pattern, run] of statements) {
    const match = pattern.exec(query);
    if (match) return { results: [{ statement_id: 0, series: run(store, database, match.slice(1)) }] };
  }
  return { results: [{ statement_id: 0, error: `the stand-in does not know: ${query}` }] };
}

export function measurementsOf(policy: Policy | undefined): string[] {
  return [...(policy?.measurements.keys() ?? [])].sort();
}

function statement(pattern: string): RegExp {
  return new RegExp(`^\\s*${pattern.replaceAll(' ', '\\s+')}\\s*;?\\s*$`, 'i');
}

function rows(names: Iterable<string>): unknown[][] {
  return [...names].map((each) => [each]);
}
