import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promtool, promtoolAvailable } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rulesFile } from './promtool';
import { SimulatedBackup, sinkText, startMs, watchText } from './simulation';

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
const dashboard = JSON.parse(await read('../grafana/ceres.json')) as Dashboard;
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** Returns the names of all metrics that exist. */
async function existing(): Promise<ReadonlySet<string>> {
  const [backup = ''] = await new SimulatedBackup().pass(0, 1);
  const texts = [backup, await sinkText(), watchText(startMs)];
  return new Set(texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)));
}

const namesIn = (text: string) => [...new Set(text.match(/\bceres_[a-z_]+/g) ?? [])];

it.each(['../prometheus/ceres.rules.yml', '../grafana/ceres.json', '../../../docs/monitoring.md'])(
  '%s names only metrics that exist',
  async (path) => {
    const known = await existing();
    const names = namesIn(await read(path));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  },
);

it('the page on monitoring explains every metric of a backup and of a sink, and every alert', async () => {
  const page = await read('../../../docs/monitoring.md');
  const explained = namesIn(page);
  const own = [...(await existing())].filter((name) => !name.startsWith('ceres_watch_'));
  expect(own.filter((name) => !explained.includes(name))).toEqual([]);
  const alerts = [...(await readFile(rulesFile, 'utf8')).matchAll(/alert: (\w+)/g)].map(([, name = '']) => name);
  expect(alerts.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe.skipIf(!(await promtoolAvailable()))('the dashboard', () => {
  it('has queries that Prometheus takes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-dashboard-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const check = async (exprs: readonly string[]) => {
      const rules = exprs.map((expr, i) => ({ record: `query_${i}`, expr }));
      await writeFile(join(folder, 'rules.json'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
      return (await promtool('check', 'rules', join(folder, 'rules.json'))).exitCode;
    };
    expect(await check(queries)).toBe(0);
    expect(await check([...queries, 'rate(ceres_backup_good)'])).not.toBe(0);
  });
});
