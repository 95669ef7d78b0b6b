import { describe, expect, it } from 'vitest';
import { scanLines } from '../../src/index';
import { measurementFilter } from '../../src/internal';

/** Returns the lines that belong to the selected measurements. */
function selectedOf(lines: readonly string[], measurements: readonly string[]): string[] {
  const bytes = Buffer.from(lines.join('\n'));
  const isSelected = measurementFilter(new Set(measurements));
  const selected: string[] = [];
  for (const record of scanLines(bytes)) {
    if (isSelected(bytes, record)) selected.push(bytes.toString('utf8', record.start, record.end));
  }
  return selected;
}

describe('measurementFilter', () => {
  it('knows a measurement by its name, however it is escaped', () => {
    const lines = ['a\\ b v=1 1', 'a\\,b,t=x v=1 1', 'a v=1 1', 'é,t=x v=1 1'];
    expect(selectedOf(lines, ['a b', 'a,b', 'é'])).toEqual([lines[0], lines[1], lines[3]]);
  });

  it.each([',a=b v=1 1', ',x v=1 1'])('selects no measurement for %j, which has none, and goes on', (bad) => {
    expect(selectedOf([bad, 'm v=1 1'], ['m'])).toEqual(['m v=1 1']);
  });

  it('still selects after more spellings than it remembers', () => {
    const lines = Array.from({ length: 10_002 }, (_, i) => `m${i} v=1 1`);
    expect(selectedOf([...lines, 'm0 v=2 2'], ['m0'])).toEqual(['m0 v=1 1', 'm0 v=2 2']);
  });
});
