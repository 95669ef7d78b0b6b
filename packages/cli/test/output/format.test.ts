import { describe, expect, it } from 'vitest';
import { formatBytes, formatCountOf, formatDuration } from '../../src/output/format';
import { formatTable } from '../../src/output/table';

describe('formatTable', () => {
  it('sets words flush left, numbers and sizes flush right, and ends no line in blanks', () => {
    const table = formatTable(
      ['database', 'files', 'size', 'note'],
      [
        ['db', 12_345, '1.0 KiB', ''],
        ['database_1', 7, '900 B', 'late'],
      ],
    );
    expect(table).toEqual([
      'database     files     size  note',
      'db          12,345  1.0 KiB',
      'database_1       7    900 B  late',
    ]);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [64 * 1024 ** 2, '64.0 MiB'],
    [3 * 1024 ** 5, '3072.0 TiB'],
  ])('shows %i as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatCountOf', () => {
  it.each([
    [0, '0 files'],
    [1, '1 file'],
    [12_345, '12,345 files'],
  ])('shows %i as %s', (count, text) => {
    expect(formatCountOf(count, 'file')).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [61_000, '1:01'],
    [3_723_000, '1:02:03'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
