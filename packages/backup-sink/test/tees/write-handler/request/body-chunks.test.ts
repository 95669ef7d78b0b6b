import { describe, expect, it } from 'vitest';
import { BodyChunks } from '../../../../src/tees/write-handler/request/body-chunks';

describe('the chunks of a body', () => {
  it('are held in few buffers, even if each has a single byte', () => {
    const chunks = new BodyChunks();
    const text = 'm v=1 1\n'.repeat(12_500);
    for (const byte of Buffer.from(text)) chunks.add(Buffer.of(byte));
    expect(chunks.buffers).toBeLessThan(1_000);
    expect(chunks.sizeBytes).toBe(100_000);
    expect(chunks.concat().toString()).toBe(text);
  });

  it('are not copied if they are large', () => {
    const chunks = new BodyChunks();
    for (let n = 0; n < 3; n += 1) chunks.add(Buffer.alloc(64 * 1024, n));
    expect(chunks.buffers).toBe(3);
    expect(chunks.concat()).toEqual(Buffer.concat([0, 1, 2].map((n) => Buffer.alloc(64 * 1024, n))));
  });

  it('are an empty body if there are none', () => {
    expect(new BodyChunks().concat()).toHaveLength(0);
  });
});
