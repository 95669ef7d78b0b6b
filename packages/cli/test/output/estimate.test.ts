import { PassThrough } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { printEstimate, withDuration } from '../../src/output/results/estimate';

const { TZ } = process.env;
afterAll(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

it.each([
  ['UTC', '2026-01-31 08:00:00 +00:00 to 2026-07-31 08:00:00 +00:00'],
  ['Europe/Berlin', '2026-01-31 09:00:00 +01:00 to 2026-07-31 10:00:00 +02:00'],
  ['America/St_Johns', '2026-01-31 04:30:00 -03:30 to 2026-07-31 05:30:00 -02:30'],
])('shows the selected times as a clock in %s does, next to UTC', (zone, local) => {
  process.env.TZ = zone;
  const stdout = new PassThrough();
  const terminal = { argv: [], stdin: stdout, stdout, stderr: stdout, env: {}, signal: new AbortController().signal };
  const ns = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;
  const [first, last] = [ns('2026-01-31T08:00:00Z'), ns('2026-07-31T08:00:00Z')];
  printEstimate(terminal, withDuration({ lines: 360_000_000, isUpperBound: false, filesUnknown: 1, first, last }));
  expect(String(stdout.read()).split('\n')).toEqual([
    'would send: 360,000,000 lines, and those of 1 file that does not say it',
    '  points from 2026-01-31T08:00:00Z to 2026-07-31T08:00:00Z',
    `  local time  ${local}`,
    'would take: about 1:00:00, at 100,000 lines/s',
    '',
  ]);
});
