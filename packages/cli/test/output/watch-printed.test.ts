import { PassThrough } from 'node:stream';
import type { WatchReport } from '@ceres/restore';
import { expect, it } from 'vitest';
import { printWatch } from '../../src/output/results/look/watch';
import type { Terminal } from '../../src/terminal';

const hostile = '<script>\u202e\0\u001b[2J"\n';

function printed(report: WatchReport): string {
  const stdout = new PassThrough();
  printWatch({ stdout, stderr: stdout, env: {} } as unknown as Terminal, report);
  return String(stdout.read());
}

it('a watch prints at most 20 of what may become an alarm, counts the rest, and escapes what does not show', () => {
  const one = { kind: 'late', name: hostile, instance: hostile, reason: hostile } as const;
  const text = printed({
    outcome: 'FOUND',
    instance: hostile,
    startedMs: 1_000,
    endedMs: 3_000,
    periodMs: 60_000,
    alarms: [one],
    pending: Array.from({ length: 50 }, () => one),
    unjudged: [{ reason: hostile }],
    coverage: [],
    points: 0,
  });
  expect(text.match(/not yet an alarm/g)).toHaveLength(20);
  expect(text).toContain('- 30 more that may become alarms');
  for (const raw of ['\u202e', '\0', '\u001b']) expect(text.includes(raw)).toBe(false);
});
