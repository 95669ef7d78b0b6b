import type { WatchReport } from '@ceres/restore';
import { expect, it } from 'vitest';
import { watchMetrics } from '../../src/output/metrics/watch-metrics';

const report: WatchReport = {
  outcome: 'FOUND',
  instance: 'influxdb-0',
  startedMs: 1_000,
  endedMs: 3_000,
  periodMs: 60_000,
  alarms: [
    { kind: 'missing', name: 'a', instance: 'influxdb-0', reason: '' },
    { kind: 'missing', name: 'b', instance: 'influxdb-0', reason: '' },
    { kind: 'lost', name: 'c', instance: 'influxdb-0', reason: '' },
  ],
  pending: [],
  unjudged: [],
  coverage: [{ database: 'db', comparedSinceMs: 2_000, stretches: 1, compared: 1 }],
  points: 7,
};
/** A line of the text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const sample = /^[a-z_]+\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\} \S+$/;

it('metrics of a watch count alarms by kind, and say when it ran and what was compared since when', () => {
  const lines = watchMetrics(report).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'ceres_watch_up{instance="influxdb-0"} 1',
      'ceres_watch_last_run_timestamp_seconds{instance="influxdb-0"} 3',
      'ceres_watch_alarms{instance="influxdb-0",kind="all"} 3',
      'ceres_watch_alarms{instance="influxdb-0",kind="missing"} 2',
      'ceres_watch_alarms{instance="influxdb-0",kind="lost"} 1',
      'ceres_watch_compared_since_timestamp_seconds{instance="influxdb-0",database="db"} 2',
    ]),
  );
});

it('metrics of a watch say all that a run found, in seconds, and first what was not compared for longest', () => {
  const one = { kind: 'late', name: 'd', instance: 'i', reason: '' } as const;
  const database = { database: 'db', stretches: 1, compared: 1 };
  const text = watchMetrics({
    ...report,
    pending: [one, one],
    unjudged: [{ reason: '' }, { reason: '' }, { reason: '' }],
    coverage: [
      { ...database, comparedSinceMs: 2_000 },
      { ...database, database: 'never' },
      { ...database, database: 'old', comparedSinceMs: 1_000 },
    ],
    storedUpToMs: 2_500,
  });
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(samples.map((line) => line.replace('instance="influxdb-0"', '').replace('{}', ''))).toEqual([
    'ceres_watch_up 0',
    'ceres_watch_last_run_timestamp_seconds 3',
    'ceres_watch_duration_seconds 2',
    'ceres_watch_period_seconds 60',
    'ceres_watch_alarms{,kind="all"} 3',
    'ceres_watch_alarms{,kind="missing"} 2',
    'ceres_watch_alarms{,kind="lost"} 1',
    'ceres_watch_pending 2',
    'ceres_watch_unjudged 3',
    'ceres_watch_points_compared 7',
    'ceres_watch_compared_since_timestamp_seconds{,database="never"} 0',
    'ceres_watch_compared_since_timestamp_seconds{,database="old"} 1',
    'ceres_watch_compared_since_timestamp_seconds{,database="db"} 2',
    'ceres_watch_stored_up_to_timestamp_seconds 2.5',
  ]);
});

it('metrics of a watch are up with values that may be on their way, and down if something could not be compared', () => {
  const onTheirWay = { database: 'db', fromNs: 1n, untilNs: 2n, values: 3, reason: '3 values differ' };
  const of = (unjudged: WatchReport['unjudged']) => watchMetrics({ ...report, alarms: [], unjudged });
  expect(of([onTheirWay])).toContain('ceres_watch_up{instance="influxdb-0"} 1\n');
  expect(of([onTheirWay])).toContain('ceres_watch_unjudged{instance="influxdb-0"} 1\n');
  expect(of([onTheirWay, { reason: 'the server is away' }])).toContain('ceres_watch_up{instance="influxdb-0"} 0\n');
});

it('metrics of a run that failed are down, and keep none of the good run before', () => {
  const text = watchMetrics({ instance: 'influxdb-0', failedMs: 5_000 });
  expect(text).toContain('ceres_watch_up{instance="influxdb-0"} 0');
  expect(text).toContain('ceres_watch_last_run_timestamp_seconds{instance="influxdb-0"} 5\n');
  expect(text).not.toContain('ceres_watch_alarms');
});

it('metrics of a watch that found nothing count 0 alarms, so that an alert ends', () => {
  const text = watchMetrics({ ...report, outcome: 'GOOD', alarms: [] });
  expect(text).toContain('ceres_watch_alarms{instance="influxdb-0",kind="all"} 0\n');
  expect([...text.matchAll(/^# TYPE \w+ (\w+)$/gm)].map(([, type]) => type)).toEqual(new Array(9).fill('gauge'));
});

it('metrics of any names are valid lines, cut visibly, and bounded in number', () => {
  const names = ['<script>', '"', 'a\nb', '\\', '\0', '\u202e', 'é'.repeat(65_536), '\ud800'];
  const coverage = [...names, ...Array.from({ length: 1_000 }, (_, n) => `db_${n}`)].map((database) => ({
    database,
    stretches: 1,
    compared: 0,
  }));
  const text = watchMetrics({ ...report, instance: 'a"b\n{', coverage });
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines) expect(line).toMatch(sample);
  expect(lines.filter((line) => line.startsWith('ceres_watch_compared'))).toHaveLength(100);
  expect(text.length).toBeLessThan(20_000);
  expect(text).toContain(`${'é'.repeat(127)}…`);
});
