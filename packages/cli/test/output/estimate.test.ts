import { PassThrough } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { printEstimate, withDuration } from '../../src/output/results/recover/estimate';

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
  const estimate = withDuration({ lines: 360_000_000, isUpperBound: false, filesUnknown: 1, first, last });
  printEstimate(terminal, estimate, { withheld: 'no drill has passed yet: run `ceres drill`' });
  expect(String(stdout.read()).split('\n')).toEqual([
    'would send: 360,000,000 lines, and those of 1 file that does not say it',
    '  points from 2026-01-31T08:00:00Z to 2026-07-31T08:00:00Z',
    `  local time  ${local}`,
    'would take: about 1:00:00, at 100,000 lines/s',
    '  no forecast from drills, because no drill has passed yet: run `ceres drill`',
    '',
  ]);
});

it('says how long a restore takes as drills tell it, and on what that is based', () => {
  const stdout = new PassThrough();
  const terminal = { argv: [], stdin: stdout, stdout, stderr: stdout, env: {}, signal: new AbortController().signal };
  const drills = { drills: 3, largestShare: 0.5, newest: '2026-11-30T03:00:00.000Z', cpu: 'A', isOtherMachine: true };
  const estimate = withDuration({ lines: 1, isUpperBound: true, filesUnknown: 0 });
  printEstimate(terminal, estimate, { seconds: 754.4, ...drills });
  const [, taken] = String(stdout.read()).split('\n');
  expect(taken).toBe(
    'would take: up to about 12:34 (3 drills, the largest of 50 %, the last on 2026-11-30, all on another machine (A))',
  );
});
