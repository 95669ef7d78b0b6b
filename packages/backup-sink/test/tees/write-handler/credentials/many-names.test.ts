import { expect, it, vi } from 'vitest';
import { startHandler } from '../tools/start-handler';

it('what InfluxDB answers is kept under a short name, however long that of the database is', async () => {
  const { post } = await startHandler((_, response) => {
    response.writeHead(401).end();
  });
  const set = vi.spyOn(Map.prototype, 'set');
  expect((await post(`/write?db=${'d'.repeat(255)}`, 'm v=1 1', { authorization: 'Basic YTpi' })).status).toBe(401);
  const lengths = set.mock.calls.map(([key]) => (typeof key === 'string' ? key.length : 0));
  set.mockRestore();
  expect(Math.max(...lengths)).toBeGreaterThan(0);
  expect(Math.max(...lengths)).toBeLessThan(200);
});
