import { expect, it } from 'vitest';
import { type StepProgress, Steps } from '../../src/progress/steps';

function stepsWithClock() {
  let nowMs = 0;
  const states: StepProgress[] = [];
  const steps = new Steps({ now: () => nowMs, sleep: async () => undefined }, (state) => states.push(state));
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { steps, states, pass };
}

it('estimates the time left of each step by the rate of that step alone', () => {
  const { steps, states, pass } = stepsWithClock();
  steps.begin('files', 100);
  pass(1_000);
  steps.add('files', 25);
  expect(states.at(-1)).toEqual({ step: 'files', done: 25, total: 100, etaMs: 3_000 });
  steps.begin('database', 1_000);
  expect(states.at(-1)).toEqual({ step: 'database', done: 0, total: 1_000, etaMs: undefined });
  pass(10_000);
  steps.add('database', 100);
  expect(states.at(-1)).toEqual({ step: 'database', done: 100, total: 1_000, etaMs: 90_000 });
});

it('counts nothing of another step, and never more than the whole', () => {
  const { steps, states } = stepsWithClock();
  steps.begin('database', 10);
  steps.add('files', 5);
  steps.add('database', 50);
  expect(states.at(-1)).toMatchObject({ step: 'database', done: 10, etaMs: 0 });
});

it('reports a few times a second, however often something happens, and always the end', () => {
  const { steps, states, pass } = stepsWithClock();
  steps.begin('files', 1_000);
  for (let i = 0; i < 1_000; i += 1) {
    pass(1);
    steps.add('files', 1);
  }
  expect(states.length).toBeLessThanOrEqual(6);
  expect(states.at(-1)).toMatchObject({ done: 1_000 });
});
