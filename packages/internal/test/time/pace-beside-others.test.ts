import { expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock';
import { PaceBesideOthers } from '../../src/time/pace-beside-others';

/** A machine whose times only work and pauses move on, while others take some of its processors all the time. */
class Machine {
  readonly #processors: number;
  readonly #pace: PaceBesideOthers;
  #wallMs = 0;
  #cpuMs = 0;
  #othersMs = 0;
  /** How many processors others take. */
  others = 0;

  constructor({ processors = 2, percent = 50 } = {}) {
    this.#processors = processors;
    const usage = {
      wallMs: () => this.#wallMs,
      cpuMs: () => this.#cpuMs,
      machineMs: () => this.#cpuMs + this.#othersMs,
      processors: this.#processors,
    };
    const clock = { ...systemClock, sleep: async (ms: number) => this.#pass(ms) };
    this.#pace = new PaceBesideOthers(percent, clock, undefined, usage);
  }

  get isShared(): boolean {
    return this.#pace.isShared;
  }

  /** Works on two processors for this long, pauses included. Returns how many it took. */
  async work(ms: number): Promise<number> {
    const [wallMs, cpuMs] = [this.#wallMs, this.#cpuMs];
    while (this.#wallMs < wallMs + ms) {
      this.#pass(0.5);
      this.#cpuMs += 1;
      await this.#pace.pause();
    }
    return (this.#cpuMs - cpuMs) / (this.#wallMs - wallMs);
  }

  /** Waits while another process works for this one. */
  async waitFor(ms: number): Promise<void> {
    await this.#pace.waitFor(this.#workOfOthers(ms));
  }

  async #workOfOthers(ms: number): Promise<void> {
    const before = this.others;
    await undefined; // so that it is waited for
    this.others = 1;
    this.#pass(ms);
    this.others = before;
  }

  #pass(ms: number): void {
    this.#wallMs += ms;
    this.#othersMs += ms * this.others;
  }
}

it('takes its share until it knows that the machine is idle, then all it can get', async () => {
  const machine = new Machine();
  expect(await machine.work(450)).toBeCloseTo(0.5, 1);
  await machine.work(100);
  expect(machine.isShared).toBe(false);
  expect(await machine.work(5_000)).toBeCloseTo(2, 5);
});

it('takes its share while others need the processors, and all after them', async () => {
  const machine = new Machine();
  await machine.work(1_000);
  machine.others = 0.2;
  await machine.work(600);
  expect(machine.isShared).toBe(true);
  expect(await machine.work(5_000)).toBeCloseTo(0.5, 1);
  machine.others = 0.01;
  await machine.work(1_100);
  expect(machine.isShared).toBe(false);
  expect(await machine.work(1_000)).toBeCloseTo(2, 5);
});

it('works at full speed right after others have gone, with no pause for the work of the time before', async () => {
  const machine = new Machine();
  await machine.work(60_000);
  machine.others = 0.2;
  await machine.work(510);
  expect(await machine.work(20)).toBeLessThan(1);
  expect(await machine.work(200)).toBeCloseTo(0.5, 0);
});

it.each([
  [4, 0.9, false],
  [4, 1.1, true],
  [64, 60, false],
  [1, 0.05, false],
  [1, 0.2, true],
])('of %d processors, with %d taken by others: shared is %s', async (processors, others, isShared) => {
  const machine = new Machine({ processors });
  machine.others = others;
  await machine.work(1_100);
  expect(machine.isShared).toBe(isShared);
});

it('does not count what others do for it while it waits for them', async () => {
  const machine = new Machine();
  await machine.work(1_000);
  for (let i = 0; i < 10; i += 1) {
    await machine.waitFor(300);
    await machine.work(100);
  }
  expect(machine.isShared).toBe(false);
});

it('without a limit it never pauses', async () => {
  const machine = new Machine({ percent: Number.POSITIVE_INFINITY });
  machine.others = 1;
  expect(await machine.work(5_000)).toBeCloseTo(2, 5);
  expect(machine.isShared).toBe(false);
});
