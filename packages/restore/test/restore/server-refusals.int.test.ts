import { stat } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { query } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { describeOnInfluxd, fileOf } from '../support/ground';

describeOnInfluxd('a server', (ground) => {
  const expectRefusal = async (listener: RequestListener, more: object, code: string, todo: string) => {
    const server = await served(listener);
    try {
      const restoring = ground.run([fileOf(ground)], { to: { url: server.url }, patienceMs: 1_000, ...more });
      await expect(restoring).rejects.toMatchObject({ code, message: expect.stringContaining(todo) });
      await expect(stat(ground.workspace.journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await server.close();
    }
  };

  it.each([
    ['InfluxDB 2', { 'x-influxdb-version': 'v2.7.1' }, 204],
    ['InfluxDB before 1.0', { 'x-influxdb-version': '0.13.0' }, 204],
    ['InfluxDB 3', { 'x-influxdb-version': '3.0.1' }, 200],
    ['a server of another kind', { server: 'nginx' }, 200],
  ])('that is %s is refused before anything is sent', async (_, headers, status) => {
    const answer: RequestListener = (_request, response) => void response.writeHead(status, headers).end();
    await expectRefusal(answer, {}, 'SERVER_UNSUPPORTED', 'InfluxDB 1.x');
  });

  it('that refuses the credentials is distinguished from one that is not there', async () => {
    const closed: RequestListener = (request, response) => {
      const isPing = request.url?.startsWith('/ping');
      response.writeHead(isPing ? 204 : 401, { 'x-influxdb-version': '1.8.10' });
      response.end(isPing ? '' : '{"error":"authorization failed"}');
    };
    await expectRefusal(closed, {}, 'SERVER_DENIED', 'credentials');
    await expectRefusal(closed, { to: { url: 'http://127.0.0.1:1' } }, 'SERVER_UNREACHABLE', 'Check that it runs');
  });
});

describeOnInfluxd(
  'a server that demands credentials',
  (ground) => {
    it('accepts the credentials of an admin, and refuses wrong ones and those without the rights', async () => {
      const { url } = ground.influxd;
      await query(url, '', `CREATE USER admin WITH PASSWORD 'right' WITH ALL PRIVILEGES`);
      const asAdmin = url.replace('//', '//admin:right@');
      await query(asAdmin, '', `CREATE USER nobody WITH PASSWORD 'right'`);
      for (const [username, password] of [
        ['admin', 'wrong'],
        ['nobody', 'right'],
        ['stranger', 'right'],
      ] as const) {
        await expect(ground.run([fileOf(ground)], { to: { url, username, password } })).rejects.toMatchObject({
          code: 'SERVER_DENIED',
        });
      }
      const to = { url, username: 'admin', password: 'right' };
      expect(await ground.run([fileOf(ground)], { to })).toMatchObject({ lines: 10 });
      const [series] = await query(asAdmin, ground.database, 'SELECT COUNT(v) FROM m');
      expect(series?.values[0]?.[1]).toBe(10);
    });
  },
  { http: { 'auth-enabled': true } },
);

async function served(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
