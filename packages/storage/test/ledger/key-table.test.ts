import { expect, it } from 'vitest';
import { KeyTable } from '../../src/ledger/key-table';

it('a table of keys finds each again with its size after it has grown, and no other', () => {
  const table = new KeyTable();
  const keyOf = (n: number) =>
    `influxdb-0/db_0/~default/20261130/01a22c50-0000-7000-8000-${String(n).padStart(12, '0')}.gz`;
  const count = 50_000;
  for (let n = 0; n < count; n += 1) expect(table.add(keyOf(n), n % 7 === 0 ? undefined : n)).toBe(true);
  expect(table.add(keyOf(5), 99)).toBe(false);
  expect(table.count).toBe(count);
  for (let n = 0; n < count; n += 1) {
    const entry = table.find(keyOf(n));
    expect(entry?.hasSize(n)).toBe(true);
    expect(entry?.hasSize(n + 1)).toBe(n % 7 === 0);
    expect(table.hasUnmarked()).toBe(true);
    if (entry !== undefined) table.mark(entry);
  }
  expect(table.find(keyOf(count))).toBeUndefined();
  expect(table.hasUnmarked()).toBe(false);
});

it('a size of 4 GiB and more is not mistaken for another', () => {
  const table = new KeyTable();
  table.add('k', 2 ** 33);
  expect(table.find('k')?.hasSize(2 ** 33)).toBe(true);
  expect(table.find('k')?.hasSize(2 ** 33 + 1)).toBe(false);
});
