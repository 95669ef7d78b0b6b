import { readFileSync } from 'node:fs';
import { promtoolAvailable } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { rulesFile, runTests } from './promtool';
import { SimulatedBackup } from './simulation';
import { incomplete, type Threshold, thresholds } from './thresholds';
import { watchThresholds } from './watch-thresholds';

const all = [...thresholds, ...watchThresholds];

const rules = readFileSync(rulesFile, 'utf8');

/** Returns what the alert says that one should do. */
function actionOf(alert: string): string {
  const [, action] = new RegExp(`alert: ${alert}\n(?:(?! {6}- alert).*\n)*? +action: (.*)`).exec(rules) ?? [];
  if (action === undefined) throw new Error(`Expected ${alert} to say what to do.`);
  return action;
}

function testOf({ alert, series, silentAt, firesAt, overAt, labels = [], severity, summary = '' }: Threshold): object {
  const at = (minute: number | undefined, exp_alerts: readonly object[]) =>
    minute === undefined ? [] : [{ eval_time: `${minute}m`, alertname: alert, exp_alerts }];
  const said = labels.map((one) => ({
    exp_labels: { severity, ...one },
    exp_annotations: { summary: summary.replace('INSTANCE', one.instance ?? ''), action: actionOf(alert) },
  }));
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [...at(silentAt, []), ...at(firesAt, said), ...at(overAt, [])],
  };
}

/** Returns every kind of finding that metrics count. */
async function kindsOfFindings(): Promise<string[]> {
  const [text = ''] = await new SimulatedBackup().pass(0, 1);
  return [...text.matchAll(/^ceres_backup_findings\{.*kind="(.*?)"/gm)].map(([, kind = '']) => kind);
}

describe.skipIf(!(await promtoolAvailable()))('an alert', () => {
  it.each(all)('$alert waits as long as it should, and says of what and how urgent it is, when $when', async (one) => {
    expect(await runTests([testOf(one)], '1m')).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS') });
  });

  it('fires for a finding of any kind that metrics count', async () => {
    const kinds = await kindsOfFindings();
    expect(kinds).toEqual(expect.arrayContaining(['lost', 'resized', 'unfinished-seed', 'sequence-gap']));
    const found = await runTests([testOf(incomplete(kinds))], '1m');
    expect(found).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS') });
  });

  it('has a time and a threshold that are tested, each of them', () => {
    const names = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name);
    expect([...new Set([...all, incomplete([])].map(({ alert }) => alert))].sort()).toEqual(names.sort());
  });
});
