import { describe, expect, it } from 'vitest';
import { classifyWrite, classifyWriteHead } from '../../src/answers/classify-write';
import { readTypeConflict } from '../../src/answers/type-conflict';

/** Answers that a test cannot provoke in a real server; those it can are in `answers.int.test.ts`. */
describe('classifyWrite', () => {
  it.each([
    ['a full disk', 500, 'engine: write /data/wal/_00001.wal: no space left on device', 'SERVER_FAULT'],
    ['a shard that is being dropped', 400, 'partial write: shard 7 is pending deletion dropped=5000', 'SERVER_FAULT'],
    ['a server that is stopping', 500, 'engine is closed', 'SERVER_FAULT'],
  ])('asks for a retry, once the server has settled, after %s', (_, status, text, code) => {
    const outcome = classifyWrite(status, JSON.stringify({ error: text }));
    expect(outcome).toEqual({ kind: 'retry', code, ambiguous: true, message: `HTTP ${status}: ${text}` });
  });

  it('believes a partial write of an unknown kind: lines are dropped', () => {
    const outcome = classifyWrite(400, '{"error":"partial write: a new reason dropped=3"}');
    expect(outcome).toMatchObject({ kind: 'partly', code: 'UNPARSEABLE', dropped: 3, ambiguous: true });
  });

  it('gives up no line because of a bad request of an unknown kind', () => {
    expect(classifyWrite(400, '{"error":"invalid consistency level"}')).toMatchObject({
      kind: 'retry',
      code: 'SERVER_FAULT',
    });
  });
});

describe('classifyWriteHead', () => {
  it('understands the header of an answer as classifyWrite understands its body', () => {
    const text = 'partial write: points beyond retention policy dropped=2';
    expect(classifyWriteHead(400, text)).toEqual(classifyWrite(400, JSON.stringify({ error: text })));
    expect(classifyWriteHead(500, 'retention policy not found: rp')).toMatchObject({ code: 'NO_POLICY' });
  });

  it('takes any 2xx for a success, as the client does, while classifyWrite takes only 204', () => {
    expect(classifyWriteHead(200, '')).toEqual({ kind: 'stored' });
    expect(classifyWrite(200, '')).toMatchObject({ kind: 'retry' });
  });
});

describe('readTypeConflict', () => {
  it('reads both names, whatever they hold', () => {
    const message =
      'partial write: field type conflict: input field "a "b"" on measurement "c\nd" is type integer, already exists as type float dropped=1';
    expect(readTypeConflict(message)).toEqual({
      field: 'a "b"',
      measurement: 'c\nd',
      given: 'integer',
      existing: 'float',
    });
  });

  it('finds nothing in any other message', () => {
    expect(readTypeConflict('field type conflict')).toBeUndefined();
  });
});
