import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WatchEvent } from '@ceres/restore';
import { influxdAvailable, query } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { ceres } from '../support/in-process';
import { startTeedServer } from '../support/teed-server';

const hostile = '<script>alert("\'1\'")</script>\u202e\u200f$(reboot)`{{ $x }}`';
const names = [hostile, `${hostile}\0\u001b[2J\t`, 'é'.repeat(32_000), `${'é'.repeat(32_000)}x`];
/** InfluxDB takes no name of a database that has a slash, or what does not show. */
const hostileDatabase = '<script>"\'$(reboot)`{{ $x }}`';
/** What a terminal acts on, and what turns the text around it. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const sample =
  /^[a-z_]+(?:\{[a-z_]+="(?:[^"\\\p{Cc}\p{Cf}]|\\["\\])*"(?:,[a-z_]+="(?:[^"\\\p{Cc}\p{Cf}]|\\["\\])*")*\})? \S+$/u;

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** Expects nothing that a terminal acts on, and no more than a person reads. */
function expectHarmless(text: string, charactersMax: number): void {
  expect(linesOf(text).filter((line) => unseen.test(line))).toEqual([]);
  expect(text.length).toBeLessThan(charactersMax);
}

function expectMetrics(text: string): void {
  const samples = linesOf(text).filter((line) => !line.startsWith('#'));
  expect(samples.filter((line) => !sample.test(line))).toEqual([]);
  const named = samples.map((line) => line.slice(0, line.lastIndexOf(' ')));
  expect(new Set(named).size).toBe(named.length);
  expect(text).toContain('alert(\\"\'1\'\\")</script>\\\\u{202e}');
}

describe.skipIf(!(await influxdAvailable()))('with hostile names of 64 KB,', () => {
  /** Makes a backup of points with hostile names everywhere, of which the database has lost those of its other half. */
  async function damaged() {
    const { bucket, server, folder, sink, tee } = await startTeedServer(hostile, { heartbeatMs: 20 });
    await query(server.url, '', `CREATE DATABASE "${hostileDatabase.replaceAll('"', '\\"')}"`);
    for (const database of ['db', hostileDatabase]) {
      for (const [n, name] of names.entries()) {
        const tags = name.length > 1_000 ? { t: 'a' } : { [name]: name };
        const fields = { [name.length > 1_000 ? 'f' : name]: 'x'.repeat(60_000) };
        await tee.write({ database }, [{ measurement: name, tags, fields, timestamp: BigInt(1_700_000_000 + n) }]);
      }
      for (let n = 0; n < 100; n += 1) {
        await tee.write({ database }, [{ measurement: 'm', fields: { v: n }, timestamp: BigInt(1_700_000_000 + n) }]);
      }
    }
    await sink.close();
    await query(server.url, 'db', 'DROP SERIES FROM /script|é/');
    await query(server.url, hostileDatabase, 'DROP SERIES FROM /./');
    return { bucket, folder, words: ['--instance', hostile, '--to', server.url] };
  }

  it('watch, diagnose, report and metrics show them escaped, cut and apart from each other', async () => {
    const { bucket, folder, words } = await damaged();
    const watched = async (n: number, ...more: string[]) => {
      const own = ['--state-file', join(folder, `state-${n}`), '--wait', '0s', ...more];
      return await ceres(['watch', bucket, ...words, ...own]);
    };
    const prom = join(folder, 'watch.prom');
    const text = await watched(1, '--metrics', prom);
    expect(text).toMatchObject({ exitCode: 4, stderr: '' });
    expectHarmless(text.stdout, 40_000);
    expect(text.stdout).toMatch(/é… \(32,0\d\d characters\)/);
    expectMetrics(await readFile(prom, 'utf8'));

    const { exitCode, stdout } = await watched(2, '--json');
    expect(exitCode).toBe(4);
    expectHarmless(stdout, 100_000);
    const events = linesOf(stdout).map((line) => JSON.parse(line) as WatchEvent);
    const alarms = events.flatMap((event) => (event.event === 'alarm' ? [event] : []));
    // One for each name in each database: those that are cut are told apart.
    expect(new Set(alarms.map(({ name }) => name)).size).toBe(2 * names.length + 1);
    expect(alarms.map(({ measurement }) => measurement)).toContain(hostile);
    const accepted = await watched(2, ...alarms.flatMap(({ name }) => ['--accept', name]));
    expect(accepted).toMatchObject({ exitCode: 0 });

    for (const more of [[], ['--json']]) {
      const diagnosed = await ceres(['diagnose', bucket, ...words, ...more]);
      expect(diagnosed).toMatchObject({ exitCode: 4, stderr: '' });
      expectHarmless(diagnosed.stdout, 20_000);
      expect(diagnosed.stdout).toContain('points are missing');
    }

    const page = join(folder, 'report.html');
    expect(await ceres(['report', bucket, '--out', page])).toMatchObject({ exitCode: 0, stderr: '' });
    const html = await readFile(page, 'utf8');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;');
    expectHarmless(html, 300_000);

    const metrics = await ceres(['metrics', bucket]);
    expectMetrics(metrics.stdout);
    expect(metrics.stdout.length).toBeLessThan(20_000);
  });
});
