import { expect, it } from 'vitest';
import { startHandler } from '../tools/start-handler';

const good = `cpu,host=${'h'.repeat(600)} v=1 1700000000`;
const bad = 'b'.repeat(600);

it.each([
  ['lines', good],
  ['quarantined records', bad],
])('%s for a database that no file can be named after take no room from the writes after them', async (_, body) => {
  const { post, lines } = await startHandler(undefined, { bufferedBytesMax: 1_024, onInvalid: 'quarantine' });
  for (let n = 0; n < 3; n += 1) {
    expect((await post(`/write?db=${'x'.repeat(300)}`, body)).status).toBe(400);
  }
  expect((await post('/write?db=db_0', good)).status).toBe(204);
  expect(await lines()).toHaveLength(1);
});
