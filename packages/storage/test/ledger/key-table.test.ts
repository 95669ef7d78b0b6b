import { expect, it } from 'vitest';
import { KeyTable } from '../../src/ledger/key-table';

it('a table of keys finds each again with its size after it has grown, and no other', () => {
  const table = new KeyTable();
  const keyOf = (n: number) =>
    `influxdb-0/db_0/~default/20261130/01a22c50-0000-7000-8000-${String(n).padStart(12, '0')}.gz`;
  const count = 50_000;
  const numbers = Array.from({ length: count }, (_, n) => n);
  const sizeOf = (n: number) => (n % 7 === 0 ? undefined : n);
  expect(numbers.filter((n) => !table.add(keyOf(n), sizeOf(n)))).toEqual([]);
  expect(table.add(keyOf(5), 99)).toBe(false);
  expect(table.count).toBe(count);
  const wrong = numbers.filter((n) => {
    const entry = table.find(keyOf(n));
    const isRight = entry?.hasSize(n) === true && entry.hasSize(n + 1) === (sizeOf(n) === undefined);
    const isLeft = table.hasUnmarked();
    if (entry !== undefined) table.mark(entry);
    return !isRight || !isLeft;
  });
  expect(wrong).toEqual([]);
  expect(table.find(keyOf(count))).toBeUndefined();
  expect(table.hasUnmarked()).toBe(false);
});

it('a size of 4 GiB and more is not mistaken for another', () => {
  const table = new KeyTable();
  table.add('k', 2 ** 33);
  expect(table.find('k')?.hasSize(2 ** 33)).toBe(true);
  expect(table.find('k')?.hasSize(2 ** 33 + 1)).toBe(false);
});
