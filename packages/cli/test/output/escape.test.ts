import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { escapeControls, escapeJson, escapeLines } from '../../src/output/escape';
import { formatTable } from '../../src/output/table';
import { paint, print, printError, printJson, type Terminal } from '../../src/terminal';

/** What a terminal acts on, each with what stands for it: controls, ESC, DEL, C1, marks of direction, line separators, tags, lone halves. */
const hostile: readonly (readonly [string, string])[] = [
  ['\0', '\\x00'],
  ['\u0007', '\\x07'],
  ['\b', '\\x08'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\u001b[2J', '\\x1b[2J'],
  ['\u007f', '\\x7f'],
  ['\u009b31m', '\\x9b31m'],
  ['\u061c', '\\u061c'],
  ['\u200b', '\\u200b'],
  ['\u200f', '\\u200f'],
  ['\u202e', '\\u202e'],
  ['\u2028', '\\u2028'],
  ['\u2069', '\\u2069'],
  ['\ufeff', '\\ufeff'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\ud800', '\\ud800'],
];

function terminalOf(env: Terminal['env'] = {}): { terminal: Terminal; output: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true });
  const terminal = { argv: [], stdin: new PassThrough(), stdout: stream, stderr: stream, env };
  return {
    terminal: { ...terminal, signal: new AbortController().signal },
    output: () => String(stream.read() ?? ''),
  };
}

it.each(hostile)('shows %j as %s', (text, shown) => {
  expect(escapeControls(`a${text}z`)).toBe(`a${shown}z`);
});

it('leaves every other character of any script as it is', () => {
  const text = 'cpu_load \\x1b "é" Ж 温度 🌡 a\u0301 ۲';
  expect(escapeControls(text)).toBe(text);
});

it('keeps the ends of lines where several are printed at once', () => {
  expect(escapeLines('a\u001b\nb\r\n')).toBe('a\\x1b\nb\\r\n');
});

it.each(hostile)('prints JSON with %j that is exact, and holds nothing that a terminal acts on', (text) => {
  const { terminal, output } = terminalOf();
  printJson(terminal, { [`k${text}`]: text });
  const line = output();
  expect(JSON.parse(line)).toEqual({ [`k${text}`]: text });
  expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  expect(escapeJson(line.trimEnd())).toBe(line.trimEnd());
});

it('prints a text as one line, whatever is in it, and colors only what it painted itself', () => {
  const { terminal, output } = terminalOf();
  const name = 'm\n\u001b[2J\u001b[32mEQUAL\u001b[39m';
  for (const say of [print, printError]) {
    say(terminal, `${paint(terminal, 'stdout', 'red', `NOT ${name}`)}  (${name})`);
    const shown = 'm\\n\\x1b[2J\\x1b[32mEQUAL\\x1b[39m';
    expect(output()).toBe(`\u001b[31mNOT ${shown}\u001b[39m  (${shown})\n`);
  }
});

it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('paints nothing with %j', (env) => {
  const { terminal } = terminalOf(env);
  expect(paint(terminal, 'stdout', 'green', 'EQUAL')).toBe('EQUAL');
});

it('keeps the columns of a table straight, and its rows on one line each', () => {
  expect(
    formatTable(
      ['name', 'n'],
      [
        ['a\n\u001b', 1],
        ['b', 2],
      ],
    ),
  ).toEqual(['name     n', 'a\\n\\x1b  1', 'b        2']);
});
