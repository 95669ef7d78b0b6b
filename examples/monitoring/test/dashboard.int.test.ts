import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createMetrics } from '@ceres/drill';
import { promtool, promtoolAvailable } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { everyFinding, lookedMs } from '../../../packages/drill/test/metrics/every-finding';
import { putDrill } from '../../../packages/drill/test/report/backups';
import { ScriptedSink } from '../../../packages/storage/test/ledger/bucket';
import { runTests, seriesOf } from './promtool';
import { sinkText, watchText } from './simulation';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly fieldConfig: {
    readonly defaults: { readonly unit: string; readonly thresholds?: { readonly steps: readonly object[] } };
  };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(await readFile(new URL('../grafana/ceres.json', import.meta.url), 'utf8')) as {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
};
const { panels } = dashboard;
const queries = panels.flatMap(({ title, fieldConfig, targets }) =>
  targets.map(({ expr, legendFormat }) => ({ title, unit: fieldConfig.defaults.unit, expr, legend: legendFormat })),
);

/** Returns metrics of a backup that has all that can be found, drilled and never drilled instances, of a sink and of a watch. */
async function everything(): Promise<string> {
  const storage = await everyFinding();
  putDrill(storage, 1, { instance: 'i', began: new Date(lookedMs - 3_600_000).toISOString() });
  await new ScriptedSink(storage, '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11', 'never drilled').say(lookedMs);
  return [
    await createMetrics({ storage }),
    await sinkText(),
    watchText(lookedMs, { kinds: ['missing', 'missing'] }),
  ].join('');
}

const allMetrics = await everything();

/** Returns the labels of each metric; Prometheus adds those of what it scrapes. */
function labelsOfMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  const labels = new Map<string, Set<string>>();
  for (const [, name = '', text = ''] of allMetrics.matchAll(/^(ceres_\w+)(\{.*\})? /gm)) {
    const known = labels.get(name) ?? new Set(['job', ...(name.startsWith('ceres_sink_') ? ['instance'] : [])]);
    for (const [, label = ''] of text.matchAll(/(\w+)="/g)) known.add(label);
    labels.set(name, known);
  }
  return labels;
}

const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);
const metricsIn = (expr: string) => namesIn(expr, /\b(ceres_\w+)/g);

describe('the dashboard', () => {
  it.each(queries)('names labels only that its metrics have, and that its query keeps: $expr', (query) => {
    const labels = labelsOfMetrics();
    const kept = /\bby \(([^)]*)\)/.exec(query.expr)?.[1]?.split(', ');
    const shown = namesIn(query.legend, /\{\{(\w+)\}\}/g);
    for (const metric of metricsIn(query.expr)) {
      const known = [...(labels.get(metric) ?? [])];
      expect(known).toEqual(expect.arrayContaining([...(kept ?? []), ...namesIn(query.expr, /(\w+)!?=~?"/g)]));
      expect(kept ?? known).toEqual(expect.arrayContaining(shown));
    }
    const isSummed = /\b(sum|avg|max|min|count)\b/.test(query.expr);
    expect(isSummed).toBe(kept !== undefined);
    // What is not in the legend cannot be told apart.
    const own = metricsIn(query.expr).flatMap((metric) =>
      metric.startsWith('ceres_sink_') ? [] : [...(labels.get(metric) ?? [])],
    );
    const apart = (kept ?? own).filter((label) => label !== 'job');
    expect(shown).toEqual(expect.arrayContaining(apart.filter((label) => !query.expr.includes(`${label}=`))));
  });

  it.each(queries)('shows times, sizes and counters as what they are: $expr', ({ expr, unit, title }) => {
    for (const metric of metricsIn(expr)) {
      const isCounter = metric.endsWith('_total');
      expect(/\b(rate|increase)\(/.test(expr), 'counters are shown by their growth, and gauges are not').toBe(
        isCounter,
      );
      if (metric.endsWith('_timestamp_seconds')) expect(expr).toMatch(/^time\(\) - /);
      if (metric.endsWith('_seconds')) expect([title, unit]).toEqual([title, 's']);
      if (metric.endsWith('_bytes')) expect([title, unit]).toEqual([title, 'bytes']);
    }
    if (/\b(rate|deriv)\(/.test(expr)) expect(unit).toBe('cps');
  });

  it('has panels that do not cover each other, and read the data source that is chosen', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets } of panels) {
      expect(targets.map(({ refId }) => refId)).toEqual(targets.map((_, i) => String.fromCharCode(65 + i)));
    }
    expect(dashboard.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }]);
    expect([...new Set(panels.map(({ datasource }) => datasource.uid))]).toEqual(['$' + '{datasource}']);
  });

  it('shows in each panel the metrics that its title says', () => {
    expect(
      Object.fromEntries(panels.map(({ title, targets }) => [title, targets.flatMap(({ expr }) => metricsIn(expr))])),
    ).toEqual({
      'Backups that are good': ['ceres_backup_good'],
      'Data at risk': ['ceres_backup_stored_up_to_timestamp_seconds'],
      'Since the last drill that passed': ['ceres_drill_passed_timestamp_seconds'],
      'Time to restore': ['ceres_drill_recovery_seconds'],
      Findings: ['ceres_backup_findings'],
      'In spools': ['ceres_backup_spooled_files'],
      'Records added per second': ['ceres_backup_records'],
      Size: ['ceres_backup_bytes'],
      'Sinks: lines per second': ['ceres_sink_accepted_lines_total', 'ceres_sink_quarantined_lines_total'],
      'Sinks: the oldest line that is not stored': ['ceres_sink_oldest_unstored_seconds'],
      'Sinks: what failed': [
        'ceres_sink_retries_total',
        'ceres_sink_refusals_total',
        'ceres_sink_disk_failures_total',
        'ceres_sink_heartbeat_failures_total',
      ],
      'Watch: alarms': ['ceres_watch_alarms', 'ceres_watch_up'],
    });
  });

  it('is green for a backup that is good, and red for one that is not', () => {
    const [good] = panels.filter(({ targets }) => targets[0]?.expr === 'ceres_backup_good');
    expect(good?.fieldConfig.defaults.thresholds?.steps).toEqual([
      { color: 'red', value: null },
      { color: 'green', value: 1 },
    ]);
  });
});

describe.skipIf(!(await promtoolAvailable()))('Prometheus', () => {
  it('has something to show for each query of the dashboard, and no time since a drill that never passed', async () => {
    const input_series = seriesOf(new Array<string>(25).fill(allMetrics), 0);
    const ask = (expr: string, value: number) => ({ expr, eval_time: '2h', exp_samples: [{ labels: '{}', value }] });
    const drilled = queries.filter(({ expr }) => expr.includes('ceres_drill_passed_timestamp_seconds'));
    const promql_expr_test = [
      ...queries.map(({ expr }) => ask(`count(${expr}) > bool 0`, 1)),
      ...drilled.map(({ expr }) => ask(`count(${expr})`, 1)),
    ];
    expect(drilled).toHaveLength(1);
    expect(await runTests([{ interval: '5m', input_series, promql_expr_test }])).toEqual({
      exitCode: 0,
      output: expect.stringContaining('SUCCESS'),
    });
  });

  it('takes the configuration, and keeps the name of the server that is backed up', async () => {
    const path = fileURLToPath(new URL('../prometheus/prometheus.yml', import.meta.url));
    const { exitCode, output } = await promtool('check', 'config', path);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('1 rule files found')]);
    // Without it, Prometheus renames the label `instance` of what it scrapes, and every alert is about the host.
    expect(await readFile(path, 'utf8')).toMatch(/job_name: backup\n(?: +#.*\n)? +honor_labels: true\n/);
  });
});
