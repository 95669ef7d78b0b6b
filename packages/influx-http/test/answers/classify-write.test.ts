import { describe, expect, it } from 'vitest';
import { classifyWrite } from '../../src/answers/classify-write';

/** Answers that a test cannot provoke in a real server; those it can are in `answers.int.test.ts`. */
describe('classifyWrite', () => {
  it.each([
    ['a full disk', 500, 'engine: write /data/wal/_00001.wal: no space left on device', 'SERVER_FAULT'],
    ['a shard that is being dropped', 400, 'partial write: shard 7 is pending deletion dropped=5000', 'SERVER_FAULT'],
    ['a server that is stopping', 500, 'engine is closed', 'SERVER_FAULT'],
  ])('has %s tried again, once settled', (_, status, text, code) => {
    const outcome = classifyWrite(status, JSON.stringify({ error: text }));
    expect(outcome).toEqual({ kind: 'retry', code, ambiguous: true, message: `HTTP ${status}: ${text}` });
  });

  it('takes a partial write of a kind it does not know for what it says: lines are dropped', () => {
    const outcome = classifyWrite(400, '{"error":"partial write: a new reason dropped=3"}');
    expect(outcome).toMatchObject({ kind: 'partly', reason: 'unparseable', dropped: 3, ambiguous: true });
  });

  it('takes a bad request of a kind it does not know for no verdict on the lines', () => {
    expect(classifyWrite(400, '{"error":"invalid consistency level"}')).toMatchObject({
      kind: 'retry',
      code: 'SERVER_FAULT',
    });
  });
});
