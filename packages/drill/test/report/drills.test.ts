import { describe, expect, it } from 'vitest';
import type { CertifiedDrill } from '../../src/certificate/certificate';
import { certify } from '../../src/certificate/signature';
import { drillTable } from '../../src/report/drills';
import { drillOf } from '../support/certificate';

const taking = (seconds: number | null) => ({ recovery: { ...drillOf().recovery, seconds } });

function tableOf(drills: readonly Partial<CertifiedDrill>[], goalMs?: number): string {
  return drillTable(
    drills.map((more) => certify(drillOf(more), undefined)),
    goalMs,
  ).text;
}

/** Returns the cells of each drill. */
function rowsOf(table: string): readonly (readonly string[])[] {
  const [, body = ''] = /<tbody>(.*)<\/tbody>/s.exec(table) ?? [];
  return body
    .split('</tr>')
    .slice(0, -1)
    .map((row) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell));
}

describe('the drills on the page', () => {
  it('say when each began, how it ended, of what it was, how long it took, and what is at risk', () => {
    const sample = { seed: '1', percent: 25 } as unknown as CertifiedDrill['restored']['sample'];
    const [first, second] = rowsOf(
      tableOf([
        { began: '2026-11-26T10:00:00.000Z', ended: '2026-11-27T11:00:00.000Z' },
        { restored: { ...drillOf().restored, sample }, dataAtRisk: { ...drillOf().dataAtRisk, seconds: null } },
      ]),
    );
    expect(first).toEqual([
      '2026-11-26 10:00 UTC',
      '<b class="good">PASS</b>',
      'everything',
      expect.stringMatching(/^10 s<br><svg/),
      'the last 1 min',
    ]);
    expect([second?.[2], second?.[4]]).toEqual(['25 %', 'unknown']);
  });

  it('are good only if they passed, and name three reasons of those that did not, escaped and cut', () => {
    const reasons = ['<i>one', 'x'.repeat(700), 'three', 'four'];
    const [failed, unclear] = rowsOf(tableOf([{ verdict: 'FAIL', reasons }, { verdict: 'INCONCLUSIVE' }]));
    const why = ['&lt;i&gt;one', `${'x'.repeat(600)}… (700 characters)`, 'three'];
    expect(failed?.[1]).toBe(`<b class="bad">FAIL</b>${why.map((one) => `<br><small>${one}</small>`).join('')}`);
    expect(unclear?.[1]).toBe('<b class="bad">INCONCLUSIVE</b>');
  });

  it('are ten, the newest first', () => {
    const days = Array.from({ length: 12 }, (_, n) => `2026-11-${String(26 - n).padStart(2, '0')}`);
    const rows = rowsOf(tableOf(days.map((day) => ({ began: `${day}T00:00:00.000Z` }))));
    expect(rows.map(([began]) => began)).toEqual(days.slice(0, 10).map((day) => `${day} 00:00 UTC`));
  });

  it('are as long as the time that they took, beside the line of the goal', () => {
    const table = tableOf([taking(100), taking(50), taking(0), taking(25)], 50_000);
    const widths = [...table.matchAll(/<path class="bar" d="M0 6h(\d+)">/g)].map(([, width]) => Number(width));
    expect(widths).toEqual([200, 100, 1, 50]);
    expect([...table.matchAll(/<path class="goal" d="M(\d+) 0v12"\/>/g)].map(([, at]) => at)).toEqual(
      new Array(4).fill('100'),
    );
    expect(table).toContain('The line is the goal, 50 s.');
    const slow = tableOf([taking(50)], 100_000);
    expect(slow).toContain('d="M0 6h100"');
    expect(slow).toContain('d="M200 0v12"');
    const none = tableOf([taking(50)]);
    expect(none).not.toContain('class="goal"');
    expect(none).not.toContain('the goal');
  });

  it('are judged by the goal in words, for the picture as well', () => {
    const texts = rowsOf(tableOf([taking(50), taking(51), taking(null)], 50_000)).map((row) => row[3] ?? '');
    for (const [i, label] of ['50 s, within the goal', '51 s, longer than the goal'].entries()) {
      expect(texts[i]).toMatch(new RegExp(`^${label}<br>`));
      expect(texts[i]).toContain(`role="img" aria-label="${label}"`);
      expect(texts[i]).toContain(`<title>${label}</title>`);
    }
    expect(texts[2]).toBe('not restored');
  });

  it('are missed if there is none', () => {
    expect(tableOf([])).toContain('nothing proves yet that this backup comes back');
  });
});
