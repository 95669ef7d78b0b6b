import { expect, it } from 'vitest';
import { KeyTable } from '../../src/ledger/key-table';

it('a table of keys finds each again with its size after it has grown, and no other', () => {
  const table = new KeyTable();
  const keyOf = (n: number) =>
    `influxdb-0/db_0/~default/20261130/01a22c50-0000-7000-8000-${String(n).padStart(12, '0')}.gz`;
  const count = 50_000;
  for (let n = 0; n < count; n += 1) expect(table.add(keyOf(n), n % 7 === 0 ? undefined : n, n % 3)).toBe(true);
  expect(table.add(keyOf(5), 99, 2)).toBe(false);
  expect(table.count).toBe(count);
  for (let n = 0; n < count; n += 1) {
    const entry = table.find(keyOf(n));
    expect(entry?.hasSize(n)).toBe(true);
    expect(entry?.hasSize(n + 1)).toBe(n % 7 === 0);
    if (entry !== undefined && n % 3 !== 1) table.mark(entry);
  }
  expect(table.find(keyOf(count))).toBeUndefined();
  expect([...table.sourcesOfUnmarked()]).toEqual([1]);
});

it('a size of 4 GiB and more is told from others', () => {
  const table = new KeyTable();
  table.add('k', 2 ** 33, 0);
  expect(table.find('k')?.hasSize(2 ** 33)).toBe(true);
  expect(table.find('k')?.hasSize(2 ** 33 + 1)).toBe(false);
});
