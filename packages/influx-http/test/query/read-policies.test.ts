import { expect, it } from 'vitest';
import { readPolicies } from '../../src/index';
import { httpServer } from '../fake-server';

it('readPolicies reads the columns by their names, because servers of other versions have more of them', async () => {
  const columns = ['default', 'futureWriteLimit', 'name', 'replicaN', 'duration'];
  const values = [[true, '0s', 'two_weeks', 2, '336h0m0s']];
  const body = JSON.stringify({ results: [{ statement_id: 0, series: [{ columns, values }] }] });
  const asked: string[] = [];
  await using server = await httpServer((request, response) => {
    request.setEncoding('utf8').on('data', (form: string) => asked.push(new URLSearchParams(form).get('q') ?? ''));
    request.on('end', () => response.setHeader('X-Influxdb-Version', '1.12.2').end(`${body}\n`));
  });
  const policies = await readPolicies({ url: server.url }, ['db "0"']);
  expect(asked).toEqual(['SHOW RETENTION POLICIES ON "db \\"0\\""']);
  const twoWeeks = { duration: '336h0m0s', replication: 2, isDefault: true };
  expect(policies({ database: 'db "0"', retentionPolicy: 'two_weeks' })).toEqual(twoWeeks);
  expect(policies({ database: 'db "0"' })).toEqual({ ...twoWeeks, name: 'two_weeks' });
});
