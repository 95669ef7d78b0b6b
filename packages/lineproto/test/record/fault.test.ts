import { expect, it } from 'vitest';
import { faultError, syntax } from '../../src/record/fault';

it.each([
  ['letters of one byte', Buffer.from('a'.repeat(300_000))],
  ['letters of two bytes', Buffer.from(`a${'é'.repeat(200_000)}`)],
  ['characters of four bytes', Buffer.from(`abc${'😀'.repeat(100_000)}`)],
  ['bytes that are not UTF-8', Buffer.alloc(200_001, Buffer.from([0xc3, 0x28, 0xff, 0xf0, 0x9f]))],
])('the column of a fault behind %s is that of the text before it', (_, before) => {
  const bytes = Buffer.concat([Buffer.from('\nm s="x\n\n'), before, Buffer.from('!')]);
  const { column, line } = faultError(syntax('wrong', bytes.length - 1), bytes, { start: 0 });
  expect([line, column]).toEqual([4, before.toString().length + 1]);
});
