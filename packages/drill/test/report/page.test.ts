import type { InstanceStatus } from '@ceres/restore';
import { describe, expect, it } from 'vitest';
import { certify } from '../../src/certificate/signature';
import { html, shownName } from '../../src/report/html';
import { page } from '../../src/report/page';
import { drillOf } from '../support/certificate';
import { fiveYears, nowMs } from './years';

const options = { backup: 'gs://my-bucket', nowMs, goalMs: 3_600_000 };
const none = { certificates: [], refused: [] };
const pageOf = (status: InstanceStatus) => page([{ status, drills: none }], options).text;

describe('the size of the page', () => {
  it('is at most 300,000 bytes for 50 databases over five years, whatever their days are', () => {
    for (const isRandom of [false, true]) {
      expect(Buffer.byteLength(pageOf(fiveYears(50, isRandom))), `random: ${isRandom}`).toBeLessThanOrEqual(300_000);
    }
  });

  it('has a bound for any number of databases, findings, sinks, instances and drills, and counts what it leaves out', () => {
    const many = fiveYears(80, true);
    const [sink] = many.sinks;
    const status = { ...many, sinks: new Array(5_000).fill(sink) };
    const certificate = certify(drillOf({ reasons: new Array(1_000).fill('x'.repeat(65_536)) }), undefined);
    const drills = { certificates: new Array(100).fill(certificate), refused: [] };
    const text = page(new Array(60).fill({ status, drills }), options).text;
    expect(Buffer.byteLength(text)).toBeLessThan(2_000_000);
    expect(text).toContain('80 more databases not shown');
    expect(text).toContain('and 4,980 other sinks');
    expect(text).toMatch(/and [\d,]+ more: see them with ceres status --json/);
    expect(text).toContain('10 more instances are not shown');
    expect(text).toContain('(65,536 characters)');
  });
});

describe('a text in the page', () => {
  it('is escaped in an element and in an attribute, shown where it does not show, and cut where it is too long', () => {
    expect(html`<a title="${`"'&<>`}">${'<b>'}</a>`.text).toBe('<a title="&quot;&#39;&amp;&lt;&gt;">&lt;b&gt;</a>');
    expect(shownName('a\u0000b\u202ec\nd\u2028')).toBe('a\\u{0}b\\u{202e}c\\u{a}d\\u{2028}');
    expect(shownName('x'.repeat(65_536))).toBe(`${'x'.repeat(120)}… (65,536 characters)`);
  });

  it('has no command for a name that would be cut in it', () => {
    const healthy = fiveYears(1, false);
    expect(pageOf(healthy)).toContain('ceres drill gs://my-bucket --instance influxdb-0<');
    expect(pageOf({ ...healthy, instance: 'x'.repeat(300) })).not.toContain('ceres drill');
    expect(pageOf({ ...healthy, instance: "a'; rm -rf /" })).toContain(
      'ceres drill gs://my-bucket --instance &#39;a&#39;\\&#39;&#39;; rm -rf /&#39;<',
    );
  });
});
