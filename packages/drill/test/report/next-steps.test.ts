import type { InstanceStatus } from '@ceres/restore';
import { describe, expect, it } from 'vitest';
import { certify } from '../../src/certificate/signature';
import { type NextStep, nextSteps } from '../../src/report/next-steps';
import { drillOf } from '../support/certificate';
import { dayMs, nowMs, statusOf } from './instance-status';

const base = 'gs://my-bucket --instance influxdb-0';
const drilled = (agoMs: number, more: Parameters<typeof drillOf>[0] = {}) => [
  certify(drillOf({ began: new Date(nowMs - agoMs).toISOString(), ...more }), undefined),
];

function stepsOf(
  more: Partial<InstanceStatus> = {},
  { drills = drilled(dayMs), goalMs = undefined as number | undefined, backup = 'gs://my-bucket' } = {},
): readonly NextStep[] {
  return nextSteps(statusOf(more), drills, { backup, nowMs, goalMs });
}

const kind = (name: string) => ({ findings: [{ kind: name } as InstanceStatus['findings'][number]] });
const gap = { sequenceGaps: [{ name: 'gap', problem: 'gap', reason: 'a gap' } as const] };
const seed = `ceres seed ${base} --source tcp://127.0.0.1:8088 --again`;
const check = `ceres check ${base}`;

describe('what to do next', () => {
  it('is nothing while all is well', () => {
    expect(stepsOf()).toEqual([]);
  });

  it.each([
    ['a sink that is silent', kind('silent'), 'A sink is silent', undefined],
    ['files that wait in a spool', kind('late'), 'Files wait in a spool', undefined],
    ['files that are lost', kind('lost'), 'Files are lost', seed],
    ['a gap in the numbers of files', gap, 'Files are lost', seed],
    ['files that are damaged', kind('resized'), 'Files are not as they were stored', check],
    ['files that no ledger names', kind('unvouched'), 'Nothing vouches for some files', check],
    ['a gap in the ledger', kind('ledger-gap'), 'Nothing vouches for some files', check],
    ['files that a sink could not name', kind('unnamed'), 'Nothing vouches for some files', check],
    ['a heartbeat that is not to be believed', kind('untrusted'), 'Nothing vouches for some files', check],
    ['a seed that was not finished', kind('unfinished-seed'), 'A seed was not finished', undefined],
    ['a backup without a ledger', { hasLedger: false }, 'No sink keeps a ledger', undefined],
  ])('says what to do about %s, and with which command', (_what, status, text, command) => {
    const step = { text: expect.stringContaining(text), ...(command !== undefined && { command }) };
    expect(stepsOf(status)).toEqual([step]);
  });

  it('does not ask for a ledger where a seed vouches for the backup', () => {
    expect(stepsOf({ hasLedger: false, seeds: [{} as InstanceStatus['seeds'][number]] })).toEqual([]);
  });

  it('begins with what is most urgent, and ends with the drill', () => {
    const all = ['unvouched', 'resized', 'lost', 'late', 'silent'];
    const findings = all.flatMap((name) => kind(name).findings);
    const texts = stepsOf({ findings }, { drills: [] }).map(({ text }) => text.slice(0, 12));
    expect(texts).toEqual([
      'A sink is si',
      'Files wait i',
      'Files are lo',
      'Files are no',
      'Nothing vouc',
      'No drill yet',
    ]);
  });

  it.each([
    ['none', [], undefined, 'No drill yet'],
    ['one that failed', drilled(0, { verdict: 'FAIL' }), undefined, 'ended with FAIL'],
    ['one that could not be judged', drilled(0, { verdict: 'INCONCLUSIVE' }), undefined, 'ended with INCONCLUSIVE'],
    ['one of eight days ago', drilled(8 * dayMs + 1), undefined, 'more than a week ago'],
    ['one slower than the goal', drilled(0), 9_999, 'took longer than the goal'],
    [
      'one that did not say how long it took',
      drilled(0, { recovery: { ...drillOf().recovery, seconds: null } }),
      9_999,
      'took longer than the goal',
    ],
  ] as const)('is another drill if the last is %s', (_what, drills, goalMs, text) => {
    expect(stepsOf({}, { drills: [...drills], goalMs })).toEqual([
      { text: expect.stringContaining(text), command: `ceres drill ${base}` },
    ]);
  });

  it('is no drill within eight days of one that passed, and was as fast as the goal', () => {
    expect(stepsOf({}, { drills: drilled(8 * dayMs), goalMs: 10_000 })).toEqual([]);
  });

  it('has no command whose names would be cut where they are shown', () => {
    const [step] = stepsOf(kind('lost'), { backup: 'x'.repeat(201) });
    expect(step).toEqual({ text: expect.stringContaining('Files are lost') });
    const [shown] = stepsOf(kind('lost'), { backup: 'x'.repeat(200) });
    expect(shown?.command).toContain(`ceres seed ${'x'.repeat(200)} --instance`);
    const [named] = stepsOf({ ...kind('lost'), instance: 'x'.repeat(201) });
    expect(named?.command).toBeUndefined();
  });

  it('quotes names for a shell', () => {
    const [step] = stepsOf({ ...kind('lost'), instance: "a'; rm -rf /" });
    expect(step?.command).toContain(`--instance 'a'\\''; rm -rf /' --source`);
  });
});
