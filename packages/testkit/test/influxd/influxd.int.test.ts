import { access } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { influxdAvailable, influxTool, query, startInfluxd, writeRaw } from '../../src/index';

describe.skipIf(!(await influxdAvailable()))('a real influxd', async () => {
  const influxd = await startInfluxd();
  afterAll(() => influxd.stop());

  it('answers as soon as it is started, and reports its version', async () => {
    expect(influxd.version).toMatch(/^v?1\./);
    expect(await query(influxd.url, '', 'SHOW DATABASES')).toHaveLength(1);
  });

  it('keeps what it acknowledged through SIGKILL and restart, and keeps its address', async () => {
    await query(influxd.url, '', 'CREATE DATABASE kept');
    expect(await writeRaw(influxd.url, 'kept', 'm v=1 1')).toEqual({ status: 204, body: '' });
    await influxd.kill();
    await expect(query(influxd.url, '', 'SHOW DATABASES')).rejects.toThrow('fetch failed');
    await influxd.restart();
    const [series] = await query(influxd.url, 'kept', 'SELECT count(v) FROM m');
    expect(series?.values[0]?.[1]).toBe(1);
  });

  it('is empty after its data was destroyed', async () => {
    await query(influxd.url, '', 'CREATE DATABASE doomed');
    await influxd.destroyData();
    await influxd.restart();
    const [databases] = await query(influxd.url, '', 'SHOW DATABASES');
    expect(databases?.values ?? []).toEqual([]);
  });

  it('takes settings by its own names', async () => {
    const other = await startInfluxd({ settings: { data: { 'max-series-per-database': 1 } } });
    try {
      await query(other.url, '', 'CREATE DATABASE small');
      expect((await writeRaw(other.url, 'small', 'm,t=1 v=1 1\nm,t=2 v=1 1')).body).toContain(
        'max-series-per-database',
      );
    } finally {
      await other.stop();
    }
  });

  it('answers the official tool', async () => {
    const { code, stdout } = await influxTool(['-execute', 'SHOW DATABASES'], influxd);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('name: databases') });
  });

  it('leaves nothing behind when stopped', async () => {
    const other = await startInfluxd();
    await other.stop();
    await expect(access(other.dataDir)).rejects.toThrow('ENOENT');
    await expect(query(other.url, '', 'SHOW DATABASES')).rejects.toThrow('fetch failed');
    await other.stop();
  });
});
