import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type InflateStep, RawInflate } from '../../../src/file/read/gunzip/raw-inflate';

const stepBytesMax = 13_000_000;

describe('RawInflate', () => {
  it('gives a hostile piece, inflated a thousandfold, in steps that fit into memory', async () => {
    const text = Buffer.alloc(100_000_000, 'x');
    const inflate = new RawInflate();
    const steps = await stepsOf(inflate, Buffer.concat([deflateRawSync(text), Buffer.from('what follows')]));
    inflate.close();
    expect(Math.max(...steps.map(bytesOf))).toBeLessThan(stepBytesMax);
    expect(steps.reduce((sum, step) => sum + bytesOf(step), 0)).toBe(text.length);
    expect(steps.at(-1)).toMatchObject({ ended: true, hasMore: false, error: undefined });
  });

  it('says how much of a piece belongs to the deflate stream', async () => {
    for (const size of [10, 100_000, 20_000_000]) {
      const gz = deflateRawSync(Buffer.alloc(size, 'x'));
      const inflate = new RawInflate();
      const steps = await stepsOf(inflate, Buffer.concat([gz, Buffer.from('what follows')]));
      inflate.close();
      expect(steps.reduce((sum, { consumed }) => sum + consumed, 0)).toBe(gz.length);
    }
  });

  it('gives what comes before damage in steps before, and reports the damage once', async () => {
    const text = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `m v=${(i * 7_919) % 10_007} ${i}\n`).join(''));
    const gz = deflateRawSync(text);
    for (let at = gz.length >> 1; at < gz.length; at += 1) gz[at] = ~(gz[at] ?? 0);
    const inflate = new RawInflate();
    const steps: InflateStep[] = [];
    for (let at = 0; at < gz.length && steps.at(-1)?.error === undefined; at += 10_000) {
      steps.push(...(await stepsOf(inflate, gz.subarray(at, at + 10_000))));
    }
    const read = Buffer.concat(steps.flatMap(({ output }) => output));
    expect(steps.at(-1)).toMatchObject({ ended: false, hasMore: false, error: { code: 'Z_DATA_ERROR' } });
    const sound = 0.4 * text.length;
    expect(read.subarray(0, sound).equals(text.subarray(0, sound))).toBe(true);
  });

  it('ends a step that is in progress when it is closed', async () => {
    const inflate = new RawInflate();
    const step = inflate.push(deflateRawSync(Buffer.alloc(50_000_000)));
    inflate.close();
    expect(await step).toMatchObject({ ended: false, hasMore: false, error: { message: 'The inflating was ended.' } });
  });
});

async function stepsOf(inflate: RawInflate, piece: Buffer): Promise<InflateStep[]> {
  const steps = [await inflate.push(piece)];
  while (steps.at(-1)?.hasMore) steps.push(await inflate.more());
  return steps;
}

function bytesOf({ output }: InflateStep): number {
  return output.reduce((sum, { length }) => sum + length, 0);
}
