import { expect, it } from 'vitest';
import { formatTable } from '../../src/output/table';
import { wrap, wrapWords } from '../../src/output/wrap';
import { paint, print } from '../../src/terminal';
import { screen } from './screen';

it('breaks a long sentence between words, and cuts none', () => {
  const { terminal, lines } = screen([], 30);
  const key = 'influxdb-0.influxdb/site_7/rp_30d/20261201/a.gz';
  print(terminal, `footer-wrong: ${key}: the footer certifies 9,000 lines`);
  expect(lines()).toEqual(['footer-wrong:', `  ${key}:`, '  the footer certifies 9,000', '  lines']);
});

it('leaves a command whole, so that it can be copied, and a line that fits as it is', () => {
  const command = '  ceres restore file:///backup --instance influxdb-0 --into-existing';
  expect(wrapWords(command, 20)).toEqual([command]);
  expect(wrapWords('NOT EQUAL  (counts)', 20)).toEqual(['NOT EQUAL  (counts)']);
});

it('does not count colors as columns', () => {
  const { terminal, lines } = screen([], 21);
  const painted = { ...terminal, env: {} };
  print(painted, `${paint(painted, 'stdout', 'red', 'NOT EQUAL')}  (9 points)`);
  expect(lines()).toHaveLength(1);
});

it('joins parts into lines that fit', () => {
  expect(wrap(['a: 1', 'b: 2', 'c: 3'], 14, '  ')).toEqual(['  a: 1, b: 2,', '  c: 3']);
  expect(wrap([], 10, '  ')).toEqual([]);
});

it('makes a list of a table that is wider than the screen', () => {
  const table = () => formatTable(['database', 'policy', 'files', 'size'], [['db', 'rp', 1_200, '4 B']], { width: 20 });
  expect(table()).toEqual(['db  rp', '  files: 1,200,', '  size: 4 B']);
});
