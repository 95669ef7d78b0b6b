import { expect, it } from 'vitest';
import { bytes, count, countOf, duration, utc } from '../../src/report/format';
import { html, shownName, shownText } from '../../src/report/html';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

it.each([
  [-5 * second, '0 s'],
  [0, '0 s'],
  [499, '0 s'],
  [500, '1 s'],
  [59 * second, '59 s'],
  [minute, '1 min'],
  [61 * second, '1 min 1 s'],
  [59 * minute + 59 * second, '59 min 59 s'],
  [hour, '1 h'],
  [hour + minute + second, '1 h 1 min'],
  [hour + second, '1 h'],
  [day - second, '23 h 59 min'],
  [day, '1 d'],
  [day + 2 * hour + 3 * minute, '1 d 2 h'],
  [400 * day + 5 * minute, '400 d'],
])('a duration of %d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [1_536, '1.5 KiB'],
  [1_024 ** 2, '1.0 MiB'],
  [64 * 1_024 ** 2, '64.0 MiB'],
  [1_024 ** 3, '1.0 GiB'],
  [1_024 ** 4, '1.0 TiB'],
  [5_000 * 1_024 ** 4, '5000.0 TiB'],
])('a size of %d bytes is %s', (size, text) => {
  expect(bytes(size)).toBe(text);
});

it('numbers have separators, and what is counted has its plural', () => {
  expect(count(1_234_567)).toBe('1,234,567');
  expect([0, 1, 2, 1_000].map((value) => countOf(value, 'file'))).toEqual([
    '0 files',
    '1 file',
    '2 files',
    '1,000 files',
  ]);
});

it('a time is of UTC, and says so', () => {
  expect(utc(Date.UTC(2026, 10, 26, 22, 10, 59))).toBe('2026-11-26 22:10 UTC');
});

it('a sentence is longer than a name before it is cut, and what does not show in it is an escape', () => {
  expect(shownText('x'.repeat(600))).toBe('x'.repeat(600));
  expect(shownText('x'.repeat(601))).toBe(`${'x'.repeat(600)}… (601 characters)`);
  expect(shownName('x'.repeat(120))).toBe('x'.repeat(120));
  expect(shownName('x'.repeat(121))).toBe(`${'x'.repeat(120)}… (121 characters)`);
  expect(shownText('a\ud800b\u2029c')).toBe('a\\u{d800}b\\u{2029}c');
});

it('what is absent leaves nothing in the page', () => {
  expect(html`a${undefined}b`.text).toBe('ab');
});
