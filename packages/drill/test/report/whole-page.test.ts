import { afterEach, describe, expect, it, vi } from 'vitest';
import { Bucket, hour } from '../../../storage/test/ledger/bucket';
import { createReport } from '../../src/index';
import { page } from '../../src/report/page';
import { everyFinding, findingsOfEach, lookedMs, silentSink } from '../metrics/every-finding';
import { drillOf } from '../support/certificate';
import { empty, healthy, putDrill } from './backups';
import { nowMs, statusOf } from './instance-status';

afterEach(() => void vi.useRealTimers());

const drills = { certificates: [], refused: [] };
const options = { backup: 'gs://my-bucket', nowMs, goalMs: undefined };

function pageOf(names: Readonly<Record<string, boolean>>, more: Partial<typeof options> = {}): string {
  const instances = Object.entries(names).map(([instance, isGood]) => statusOf({ instance, isGood }));
  return page(
    instances.map((status) => ({ status, drills })),
    { ...options, ...more },
  ).text;
}

const headingsOf = (text: string) => [...text.matchAll(/<h2><bdi>(.*?)<\/bdi>/g)].map(([, name]) => name);
const verdictOf = (text: string) => /<p class="verdict"><b class="(\w+)">(.*?)<\/b>/.exec(text)?.slice(1);

describe('the page', () => {
  it.each([
    [{}, 'bad', 'There is no backup here'],
    [{ a: true }, 'good', 'The backup is good'],
    [{ a: false }, 'bad', 'The backup needs attention'],
    [{ a: true, b: true }, 'good', 'All 2 backups are good'],
    [{ a: true, b: false, c: true }, 'bad', '1 of 3 backups need attention'],
    [{ a: false, b: false, c: true }, 'bad', '2 of 3 backups need attention'],
  ])('says of %o in its title and its first line: %s, %s', (names, color, text) => {
    const found = pageOf(names);
    expect(verdictOf(found)).toEqual([color, text]);
    expect(found).toContain(`<title>Backup of InfluxDB: ${text}</title>`);
  });

  it('has the instances first that need attention, and then each as it is named', () => {
    expect(headingsOf(pageOf({ a: true, b: false, c: true, d: false }))).toEqual(['b', 'd', 'a', 'c']);
  });

  it('shows fifty instances, and counts the others', () => {
    const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`i-${n}`, true]));
    expect(pageOf(names(50))).not.toContain('not shown');
    const more = pageOf(names(53));
    expect(headingsOf(more)).toHaveLength(50);
    expect(more).toContain('<p>3 more instances are not shown: name one with --instance.</p>');
  });

  it('names the backup, escaped and cut, and when it was looked at', () => {
    expect(pageOf({ a: true })).toContain('<p class="note">gs://my-bucket, as of 2026-11-26 12:00 UTC</p>');
    const long = pageOf({ a: true }, { backup: `<b>${'x'.repeat(200)}` });
    expect(long).toContain(`<p class="note">&lt;b&gt;${'x'.repeat(117)}… (203 characters), as of`);
  });

  it('forbids what is not in it, is in English, fits a phone, and has no script', () => {
    const text = pageOf({ a: true });
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">/);
    expect(text).toContain(
      `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    );
    expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(text).not.toMatch(/<script|<link|<img|https?:\/\//);
  });

  it('explains its shapes where every instance points to, and not where there is none', () => {
    const text = pageOf({ a: true });
    expect(text).toContain('<a href="#shapes">What the shapes mean</a>');
    expect(text).toMatch(/<section id="shapes"><h2>What the shapes mean<\/h2><ul class="legend">/);
    expect(text).toContain('<pattern id="lost"');
    expect(pageOf({})).not.toContain('id="shapes"');
  });
});

describe('a report', () => {
  const reportOf = (more: Parameters<typeof createReport>[0], ms = lookedMs) => {
    vi.useFakeTimers({ now: ms, toFake: ['Date'] });
    return createReport(more);
  };

  it('leaves out what the operator knows: expired files, retired sinks, accepted findings', async () => {
    const storage = await everyFinding();
    const all = (await reportOf({ storage })).html;
    const count = Object.values(findingsOfEach).reduce((sum, one) => sum + one, 0);
    const findings = (html: string) => Number(/<li>findings<b>(\d+)/.exec(html)?.[1]);
    expect(findings(all)).toBe(count);
    expect(findings((await reportOf({ storage, retired: [silentSink] })).html)).toBe(count - 1);
    expect(all).toContain('A sink is silent');
    const name = 'lost/i/lost_0/rp/20261126T0459Z-20261126T0559Z:1';
    const { html } = await reportOf({ storage, accept: [name] });
    expect([findings(html), html.includes('1 known finding accepted')]).toEqual([count - 1, true]);
    expect(findings((await reportOf({ storage, keepMs: 24 * hour })).html)).toBeLessThan(count - 1);
  });

  it('shows one instance, if it is named, each with its own drills, from where certificates are kept', async () => {
    const storage = new Bucket();
    for (const [key, { bytes, createdMs }] of (await healthy({ days: 2 })).storage.objects) {
      if (!key.startsWith('influxdb-0/')) continue;
      for (const instance of ['a', 'b']) storage.put(key.replace('influxdb-0', instance), bytes, createdMs);
    }
    const began = new Date(lookedMs - 2 * hour).toISOString();
    putDrill(storage, 1, { instance: 'a', began, verdict: 'FAIL' });
    const certificates = new Bucket();
    putDrill(certificates, 2, { instance: 'b', began, recovery: { ...drillOf().recovery, seconds: 7 } });
    const own = (await reportOf({ storage })).html;
    expect(own.indexOf('FAIL, 2 h ago')).toBeGreaterThan(own.indexOf('<h2><bdi>a<'));
    expect(own.indexOf('FAIL, 2 h ago')).toBeLessThan(own.indexOf('<h2><bdi>b<'));
    expect(own.split('FAIL, 2 h ago')).toHaveLength(2);
    const elsewhere = (await reportOf({ storage, certificates, instance: 'b' })).html;
    expect(headingsOf(elsewhere)).toEqual(['b']);
    expect(elsewhere).toContain('PASS, 2 h ago</b><small>back in 7 s');
  });

  it('is not good where nothing is backed up', async () => {
    expect((await reportOf({ storage: empty().storage })).isGood).toBe(false);
  });

  it('ends when it is aborted, and refuses a name of the backup that is none', async () => {
    const { storage } = empty();
    const made = await everyFinding();
    await expect(createReport({ storage: made, signal: AbortSignal.abort() })).rejects.toThrow();
    expect(made.read).toEqual([]);
    const refused = { code: 'INVALID_OPTIONS' };
    await expect(createReport({ storage, backup: '' })).rejects.toMatchObject(refused);
    await expect(createReport({ storage, backup: 7 as never })).rejects.toMatchObject(refused);
  });
});
