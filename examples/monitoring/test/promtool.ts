import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promtool } from '@ceres/testkit';

export const rulesFile: string = fileURLToPath(new URL('../prometheus/ceres.rules.yml', import.meta.url));

/** What Prometheus reads every five minutes: the text of each scrape. */
export interface Scraped {
  readonly name: string;
  /** The time of the first scrape, in ms since the epoch. */
  readonly startMs: number;
  readonly texts: readonly string[];
  /** The alerts that must fire at the end, and no others; every hour before, none may. */
  readonly firing: readonly string[];
  /** An alert may fire from this scrape on. */
  readonly faultAt?: number;
}

export const scrapeMinutes = 5;

/** Runs the alert rules over what was scraped. Returns what promtool says of what is not as it should be. */
export async function testRules(
  all: readonly Scraped[],
): Promise<{ readonly exitCode: number; readonly output: string }> {
  return await runTests(
    all.map(({ name, startMs, texts, firing, faultAt = texts.length }) => ({
      name,
      interval: `${scrapeMinutes}m`,
      input_series: seriesOf(texts, startMs / 1_000),
      promql_expr_test: [
        ...Array.from({ length: faultAt }, (_, i) => i)
          .filter((i) => (i * scrapeMinutes) % 60 === 0)
          .map((i) => expected(i, [])),
        expected(texts.length - 1, firing),
      ],
    })),
  );
}

/** What an alert says of each series that it fires for. */
export interface SaidAlert {
  readonly alertname: string;
  readonly severity: string;
  readonly said: readonly { readonly instance: string; readonly summary: string; readonly action: string }[];
}

/** Scrapes a text again and again, and runs the alert rules over it. Returns what promtool says where an alert says something else after two hours. */
export async function testWords(
  text: string,
  alerts: readonly SaidAlert[],
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const scrapes = (2 * 60) / scrapeMinutes + 1;
  const test = {
    interval: `${scrapeMinutes}m`,
    input_series: seriesOf(new Array<string>(scrapes).fill(text), 0),
    alert_rule_test: alerts.map(({ alertname, severity, said }) => ({
      eval_time: '2h',
      alertname,
      exp_alerts: said.map(({ instance, summary, action }) => ({
        exp_labels: { severity, instance },
        exp_annotations: { summary, action },
      })),
    })),
  };
  return await runTests([test]);
}

/** Runs tests in the words of promtool, and evaluates the rules as often as this. */
export async function runTests(
  tests: readonly object[],
  evaluation_interval = '5m',
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-rules-'));
  try {
    const file = join(folder, 'test.json'); // JSON is YAML
    await writeFile(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval, tests }));
    return await promtool('test', 'rules', file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function expected(scrape: number, firing: readonly string[]): object {
  return {
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    eval_time: `${scrape * scrapeMinutes}m`,
    exp_samples: firing.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
  };
}

/** Returns the values of each sample, one for each scrape. The clock of promtool begins at 0: times are moved there. */
export function seriesOf(
  texts: readonly string[],
  startS: number,
): readonly { readonly series: string; readonly values: string }[] {
  const series = new Map<string, string[]>();
  for (const [at, text] of texts.entries()) {
    for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
      const [name, value] = [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))];
      const values = series.get(name) ?? new Array<string>(texts.length).fill('_');
      values[at] = String(/_timestamp_seconds(?:\{|$)/.test(name) ? value - startS : value);
      series.set(name, values);
    }
  }
  return [...series].map(([name, values]) => ({ series: name, values: values.join(' ') }));
}
