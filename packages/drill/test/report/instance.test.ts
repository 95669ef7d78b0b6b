import type { InstanceStatus } from '@ceres/restore';
import { describe, expect, it } from 'vitest';
import type { CertifiedDrill } from '../../src/certificate/certificate';
import { certify } from '../../src/certificate/signature';
import { instanceSection } from '../../src/report/instance';
import { drillOf } from '../support/certificate';
import { dayMs, lostFiles, nowMs, partitionOf, sinkOf, statusOf } from './instance-status';

const minute = 60_000;

function sectionOf(
  more: Partial<InstanceStatus> = {},
  { drills = [] as readonly Partial<CertifiedDrill>[], refused = [] as { key: string; reason: string }[] } = {},
  budget = { bytes: 0, databases: 0 },
): string {
  const certificates = drills.map((drill) => certify(drillOf(drill), undefined));
  const reported = { status: statusOf(more), drills: { certificates, refused } } as Parameters<
    typeof instanceSection
  >[0];
  return instanceSection(reported, { backup: 'gs://b', nowMs, goalMs: undefined }, budget).text;
}

/** Returns the facts at the top, each with its value and what is said below. */
function factsOf(section: string): Readonly<Record<string, readonly [string, string]>> {
  const [, list = ''] = /<ul class="facts">(.*?)<\/ul>/s.exec(section) ?? [];
  const facts = [...list.matchAll(/<li>(.*?)<b>(.*?)<\/b><small>(.*?)<\/small><\/li>/g)];
  return Object.fromEntries(facts.map(([, name = '', value = '', more = '']) => [name, [value, more]]));
}

/** Returns the cells of the sinks. */
function sinksOf(section: string): readonly (readonly string[])[] {
  const [, body = ''] = /aria-label="Sinks".*?<tbody>(.*?)<\/tbody>/s.exec(section) ?? [];
  const rows = body.split('</tr>').slice(0, -1);
  return rows.map((row) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell));
}

const titlesOf = (section: string) =>
  [...section.matchAll(/<section><h3><bdi>(.*?)<\/bdi><\/h3>/g)].map(([, title]) => title);

describe('an instance on the page', () => {
  it('says in its heading whether it is good, with its name escaped and cut', () => {
    expect(sectionOf()).toContain('<h2><bdi>influxdb-0</bdi>: <b class="good">good</b></h2>');
    const bad = sectionOf({ isGood: false, instance: `<b>\u202e${'x'.repeat(200)}` });
    const shown = `&lt;b&gt;\\u{202e}${'x'.repeat(116)}… (204 characters)`;
    expect(bad).toContain(`<h2><bdi>${shown}</bdi>: <b class="bad">attention</b></h2>`);
  });

  it('has its facts: data at risk, spools, findings, the last drill, and what is stored', () => {
    const sinks = [sinkOf({ open: 1, spooled: 20, parked: 300 }), sinkOf({ parked: 1_000 })];
    const partitions = [partitionOf({ files: 2, bytes: 1_024, lines: 5 }), partitionOf({ bytes: 1_024, lines: 2 })];
    const sequenceGaps = [{ name: 'gap', problem: 'gap', reason: 'a <gap>' } as const];
    const findings = [lostFiles(nowMs)];
    const began = new Date(nowMs - dayMs).toISOString();
    const section = sectionOf(
      { storedUpToMs: nowMs - 5 * minute, sinks, partitions, findings, sequenceGaps },
      { drills: [{ began }] },
    );
    expect(factsOf(section)).toEqual({
      'data at risk': ['the last 5 min', 'all acked before 2026-11-26 11:55 UTC is stored'],
      'in spools': ['1,321 files', '1,300 refused by the storage'],
      findings: ['2', 'what is missing, late or not vouched for'],
      'last drill': ['PASS, 1 d ago', 'back in 10 s'],
      stored: ['2.0 KiB', '7 records, 3 files'],
    });
    expect(section).toContain('<li><bdi>a &lt;gap&gt;</bdi></li>');
  });

  it('says what is not known, rather than nothing', () => {
    const { storedUpToMs: _, ...unknown } = statusOf();
    const drills = { certificates: [], refused: [] };
    const options = { backup: 'gs://b', nowMs, goalMs: undefined };
    const status = { ...unknown, sinks: [sinkOf({ spooled: 1 })] };
    const section = instanceSection({ status, drills }, options, { bytes: 0, databases: 0 }).text;
    expect(factsOf(section)).toMatchObject({
      'data at risk': ['unknown', 'no ledger says what is stored'],
      'in spools': ['1 file', 'none refused'],
      'last drill': ['none', 'no time to restore is known'],
    });
    expect(sectionOf()).toContain('No sink keeps a ledger here.');
  });

  it('lists twenty findings and counts the others, and says what is closed or accepted', () => {
    const findings = Array.from({ length: 23 }, (_, n) => lostFiles(nowMs - n * dayMs));
    const section = sectionOf({ findings, closed: [lostFiles(0) as never], accepted: findings.slice(0, 2) });
    expect(section.split('<li><bdi>')).toHaveLength(1 + 20);
    expect(section).toContain('and 3 more: see them with ceres status --json');
    expect(section).toContain('<p class="note">1 gap closed by a seed; 2 known findings accepted</p>');
    const quiet = sectionOf({ findings: findings.slice(0, 20) });
    expect(quiet).not.toContain('more: see them');
    expect(quiet).not.toContain('closed by a seed');
    expect(quiet).not.toContain('accepted');
    expect(sectionOf()).not.toContain('What was found');
  });

  it('says that certificates are left out, and why', () => {
    const section = sectionOf({}, { refused: [{ key: 'a', reason: 'its <digest> is wrong' }] });
    expect(section).toContain('1 certificate left out, which cannot be believed: its &lt;digest&gt; is wrong');
    expect(sectionOf()).not.toContain('left out');
  });
});

describe('the databases of an instance', () => {
  const day = (database: string, unvouchedFiles = 0) =>
    partitionOf({ database, activity: { days: [{ day: '20261126', files: 1, unvouchedFiles }], hours: [] } });

  it('come with those first of which something is wrong, then by name', () => {
    const partitions = [day('a'), day('b', 1), day('c'), day('d', 1)];
    expect(titlesOf(sectionOf({ partitions }))).toEqual(['b', 'd', 'a', 'c']);
  });

  it('name their policies, and sum up what these hold, each escaped', () => {
    const of = (retentionPolicy: string, mixed = false) =>
      partitionOf({ database: '<i>\u0007', retentionPolicy, mixed, bytes: 1_024, lines: 3 });
    const section = sectionOf({ partitions: [of('<rp>\u202e'), of(''), of('other', true)] });
    expect(titlesOf(section)).toEqual(['&lt;i&gt;\\u{7}']);
    expect(section).toContain('<bdi>&lt;rp&gt;\\u{202e}, (default), (several)</bdi>: 9 records, 3.0 KiB');
    expect(section).toContain('<figure class="days">');
    expect(section).toContain('No point came through a tee in the last 7 days.');
  });

  it('say that nothing is left of one whose files are all lost', () => {
    expect(sectionOf({ findings: [lostFiles(nowMs)] })).toContain('<p class="note">nothing is left of it</p>');
  });

  it('are 60 on the whole page, and the others are counted', () => {
    const partitions = Array.from({ length: 65 }, (_, n) => day(`db_${n}`));
    const budget = { bytes: 0, databases: 0 };
    const first = sectionOf({ partitions }, {}, budget);
    expect([titlesOf(first).length, /(\d+) more databases not shown/.exec(first)?.[1]]).toEqual([60, '5']);
    const second = sectionOf({ partitions: partitions.slice(0, 7) }, {}, budget);
    expect([titlesOf(second).length, /(\d+) more databases not shown/.exec(second)?.[1]]).toEqual([0, '7']);
    expect(sectionOf({ partitions: partitions.slice(0, 60) })).not.toContain('not shown');
  });
});

describe('the sinks of an instance', () => {
  it('are shown with what they hold: first those that are open, and of these the one that is silent for longest', () => {
    const sinks = [
      sinkOf({ sink: 'closed', isClosed: true, lastMs: nowMs - 90 * minute, dueMs: nowMs - 80 * minute }),
      sinkOf({ sink: 'runs', lastMs: nowMs - minute, open: 1, spooled: 20, parked: 300 }),
      sinkOf({ sink: 'silent', lastMs: nowMs - 30 * minute, dueMs: nowMs - minute - 1 }),
      sinkOf({ sink: 'nearly', lastMs: nowMs - 20 * minute, dueMs: nowMs - minute }),
    ];
    expect(sinksOf(sectionOf({ sinks }))).toEqual([
      ['silent', 'silent', '30 min ago', '0', '0'],
      ['nearly', 'runs', '20 min ago', '0', '0'],
      ['runs', 'runs', '1 min ago', '321', '300'],
      ['closed', 'closed', '1 h 30 min ago', '0', '0'],
    ]);
  });

  it('are twenty, and the others are counted', () => {
    const sinks = Array.from({ length: 23 }, (_, n) => sinkOf({ sink: `${n}` }));
    const section = sectionOf({ sinks });
    expect(sinksOf(section)).toHaveLength(20);
    expect(section).toContain('and 3 other sinks');
    expect(sectionOf({ sinks: sinks.slice(0, 20) })).not.toContain('other sink');
  });

  it('are a table that a screen reader and a keyboard can use', () => {
    const section = sectionOf({ sinks: [sinkOf()] });
    expect(section).toContain('<div class="wide" role="region" aria-label="Sinks" tabindex="0">');
    const heads = [...section.matchAll(/<th scope="col">([^<]*)<\/th>/g)].map(([, head]) => head);
    expect(heads).toEqual(['sink', 'state', 'heartbeat', 'in its spool', 'refused']);
  });
});
