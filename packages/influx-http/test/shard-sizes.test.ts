import { expect, it } from 'vitest';
import { readShardSizes } from '../src/shard-sizes';
import { httpServer } from './fake-server';

const shard = (id: string, diskBytes: unknown) => ({ name: 'shard', tags: { id }, values: { diskBytes } });

it.each([
  [
    'a server of any version',
    200,
    JSON.stringify({
      'shard:/var/lib/influxdb/data/db/rp/3:3': shard('3', 4096),
      'tsm1_filestore:3': { name: 'tsm1_filestore', tags: { id: '3' }, values: { diskBytes: 9 } },
      'shard:4': shard('4', '12'),
      cmdline: ['influxd'],
    }),
    [[3, 4096]],
  ],
  ['one that does not tell', 404, '404 page not found', []],
  ['another server at this path', 200, '<html>', []],
  ['an answer of another form', 200, 'null', []],
])('the sizes of shards, from %s', async (_, status, body, sizes) => {
  await using server = await httpServer((request, response) => {
    expect(request.url).toBe('/debug/vars');
    response.writeHead(status).end(body);
  });
  expect([...(await readShardSizes({ url: server.url }))]).toEqual(sizes);
});
