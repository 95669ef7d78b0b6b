import { describe, expect, it } from 'vitest';
import { Slots } from '../../src/scheduling/slots';

/** Starts work that ends when its function is called; `running` holds what is running. */
function start(slots: Slots, names: readonly string[]) {
  const running = new Map<string, () => void>();
  for (const name of names) {
    void slots.run(async () => {
      await new Promise<void>((resolve) => running.set(name, resolve));
      running.delete(name);
    });
  }
  return running;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Slots', () => {
  it('let as many run as there are, and the others in the order of their calls', async () => {
    const running = start(new Slots(2), ['a', 'b', 'c', 'd']);
    await turn();
    expect([...running.keys()]).toEqual(['a', 'b']);
    running.get('b')?.();
    await turn();
    expect([...running.keys()]).toEqual(['a', 'c']);
    running.get('a')?.();
    running.get('c')?.();
    await turn();
    expect([...running.keys()]).toEqual(['d']);
  });

  it('let all in that fit when there are more of them than before, and fewer once there are fewer', async () => {
    let count = 1;
    const slots = new Slots(() => count);
    const running = start(slots, ['a', 'b', 'c', 'd', 'e']);
    await turn();
    expect([...running.keys()]).toEqual(['a']);
    count = 3;
    running.get('a')?.();
    await turn();
    expect([...running.keys()]).toEqual(['b', 'c', 'd']);
    count = 1;
    running.get('b')?.();
    await turn();
    expect([...running.keys()]).toEqual(['c', 'd']);
    expect(slots.hasFree).toBe(false);
  });

  it('count a slot that is given back twice once', async () => {
    const slots = new Slots(1);
    const release = await slots.acquire();
    release();
    release();
    await slots.acquire();
    expect(slots.hasFree).toBe(false);
  });
});
