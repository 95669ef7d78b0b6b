import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { influxdAvailable } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';

/** The output in the README, whose lines are the demo's own. */
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const [, shownOutput = ''] = /^```text\n(\[ .*?)^```$/ms.exec(readme) ?? [];

/** Returns the lines without what differs from run to run: numbers, times, InfluxDB's version, and the spaces that align them. */
function comparableLines(output: string): string[] {
  return output
    .replaceAll(/InfluxDB \d\S*/g, 'InfluxDB #')
    .replaceAll(/PASS: \S+/g, 'PASS: FILE')
    .replaceAll(/\S+\/report\.html/g, 'FILE')
    .replaceAll(/(?<!\w)\d[\d.,]*/g, '#')
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
}

describe.skipIf(!(await influxdAvailable()))('the demo', () => {
  it('loses InfluxDB, restores the backup, finds equal counts and prints what the README shows', () => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'demo'], {
      encoding: 'utf8',
      env: { ...process.env, CERES_DEMO_SECONDS: '4' },
    });
    const [, backupDir] = /^The backup is in (.*)\.$/m.exec(stdout) ?? [];
    const isCertified = existsSync(/^ +PASS: (.*\.json)$/m.exec(stdout)?.[1] ?? '');
    const page = stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
    const report = existsSync(page) ? readFileSync(page, 'utf8') : '';
    if (backupDir !== undefined) rmSync(dirname(backupDir), { recursive: true });
    expect(stderr, stdout).not.toMatch(/Error/);
    expect(status, stdout + stderr).toBe(0);
    expect(backupDir).toBeDefined();
    expect(isCertified).toBe(true);
    expect(stdout).toContain(`PASS: ${backupDir}/~drills/`);
    expect(report).toContain('The backup is good');
    expect(stdout).not.toContain('THIS IS NOT INFLUXDB');
    expect(stdout).toMatch(/db_9 +\d/);
    expect(stdout.match(/ equal$/gm)).toHaveLength(10);

    const shown = comparableLines(shownOutput);
    expect(shown.length).toBeGreaterThan(10);
    let at = 0;
    const printed = comparableLines(stdout);
    for (const line of shown) {
      at = printed.indexOf(line, at) + 1;
      expect(at, `the README shows a line that the demo does not print there: ${line}`).toBeGreaterThan(0);
    }
  }, 300_000); // The first run builds what is missing.
});
