import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { seedView } from '../../src/output/progress/seed-view';
import { restoreState, serverSentence, stepState } from '../../src/output/progress/states';
import { statusLine } from '../../src/output/progress/status-line';
import type { Terminal } from '../../src/terminal';
import { screen } from './screen';

const progress = {
  files: 12_000,
  filesTotal: 40_000,
  lines: 1_204_331_000,
  bytes: 3.2 * 1024 ** 3,
  bytesTotal: 7.6 * 1024 ** 3,
  linesPerSecond: 168_000,
  isServerAway: false,
  etaMs: 2_700_000,
};

/** Returns what a terminal shows after carriage returns and erased lines. */
const drawn = (text: string) => text.split('\r\u001b[K').at(-1);

it('shows the time left first, so that a screen of 80 columns cuts only what matters less', () => {
  const { terminal, lines } = screen([], 80, {});
  const line = statusLine(terminal);
  line.show(...restoreState(progress));
  line.end();
  const [shown = ''] = lines();
  expect(drawn(shown)).toBe(' 42 %  ETA 45:00  168,000 lines/s  1,204,331,000 lines  12,000 of 40,000 files');
  expect(drawn(shown)?.length).toBeLessThan(80);
});

it('a seed shows what it does, the time left, and how far it is', () => {
  const { terminal, lines } = screen([], 120, {});
  const view = seedView(terminal, {});
  const done = { shards: 3, shardsTotal: 12, points: 1_204_331, bytes: 1024 ** 3, bytesTotal: 4 * 1024 ** 3 };
  view.onProgress({ step: 'read', ...done, etaMs: 2_700_000 });
  view.end();
  const [shown = ''] = lines();
  expect(drawn(shown)).toBe('reading the source  ETA 45:00  3 of 12 shards  1,204,331 points  1.0 GiB of 4.0 GiB');
});

it.each([20, 40, 79, 80, 200])(
  'draws no line longer than a screen of %i columns, and cuts no part of it',
  (columns) => {
    const { terminal, lines } = screen([], columns, {});
    const line = statusLine(terminal);
    line.show(...restoreState(progress));
    line.end();
    const shown = drawn(lines()[0] ?? '') ?? '';
    expect(shown.length).toBeLessThan(columns);
    expect(restoreState(progress).join('  ').startsWith(shown)).toBe(true);
    expect(restoreState(progress)).toContain(
      shown.split('  ').at(-1)?.trim() === '42 %' ? ' 42 %' : shown.split('  ').at(-1),
    );
  },
);

it('says that the server does not answer where the time left was', () => {
  const state = restoreState({ ...progress, isServerAway: true, etaMs: undefined, linesPerSecond: 0 });
  expect(state.slice(0, 3)).toEqual([' 42 %', 'the server does not answer', '1,204,331,000 lines']);
  const away = { state: 'away', reason: 'connect ECONNREFUSED 127.0.0.1:8086.', patienceMs: 600_000 } as const;
  expect(serverSentence(away, 'h:8086')).toBe(
    'The server h:8086 does not answer: connect ECONNREFUSED 127.0.0.1:8086. Trying again for up to 10:00.',
  );
  expect(serverSentence({ state: 'back', awayMs: 12_000 }, 'h:8086')).toBe(
    'The server h:8086 answers again, after 0:12.',
  );
});

it('shows each step of a comparison with its own time left', () => {
  expect(stepState({ step: 'files', done: 1024, total: 4096, etaMs: 90_000 })).toEqual([
    'reading the backup',
    ' 25 %',
    'ETA 1:30',
    '1.0 KiB of 4.0 KiB',
  ]);
  expect(stepState({ step: 'database', done: 0, total: 1_000_000, etaMs: undefined })).toEqual([
    'reading the server',
    '  0 %',
    '0 of 1,000,000 points',
  ]);
  expect(stepState({ step: 'sinks', done: 61_000, total: 900_000, etaMs: undefined })).toEqual([
    'waiting for running sinks',
    '1:01 of at most 15:00',
  ]);
});

function logOf(env: Terminal['env'] = {}, isTTY = false) {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr };
  const terminal = { argv: [], ...streams, env, signal: new AbortController().signal };
  let nowMs = Date.UTC(2026, 10, 23, 2, 0, 0);
  const line = statusLine(terminal, () => nowMs);
  return {
    line,
    pass: (ms: number) => {
      nowMs += ms;
    },
    text: () => String(stderr.read() ?? ''),
  };
}

it.each([
  ['a file', {}, false],
  ['a dumb terminal', { TERM: 'dumb' }, true],
  ['a terminal without colors', { NO_COLOR: '1' }, true],
])('writes lines with the time into %s, at once, then every ten seconds and at the end', (_, env, isTTY) => {
  const { line, pass, text } = logOf(env, isTTY);
  for (let second = 0; second < 22; second += 1) {
    line.show(`${second} %`, `ETA ${22 - second}`);
    pass(1_000);
  }
  line.end();
  expect(text().split('\n')).toEqual([
    '2026-11-23T02:00:01Z  1 %  ETA 21',
    '2026-11-23T02:00:11Z  11 %  ETA 11',
    '2026-11-23T02:00:21Z  21 %  ETA 1',
    '2026-11-23T02:00:22Z  21 %  ETA 1',
    '',
  ]);
});

it('writes nothing into a file for what ends within a second, and every event at once', () => {
  const quick = logOf();
  quick.line.show('50 %');
  quick.line.end();
  expect(quick.text()).toBe('');
  const outage = logOf();
  outage.line.say('The server does not answer.');
  expect(outage.text()).toBe('2026-11-23T02:00:00Z  The server does not answer.\n');
});

it('prints an event above the line that it redraws', () => {
  const { terminal, lines } = screen([], 80, {});
  const line = statusLine(terminal);
  line.show('1 %');
  line.say('The server does not answer.');
  line.end();
  expect(lines().map(drawn)).toEqual(['The server does not answer.', '1 %']);
});
