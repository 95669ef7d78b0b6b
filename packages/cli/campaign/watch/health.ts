import type { WatchReport } from '@ceres/restore';
import { type Influxd, query } from '@ceres/testkit';
import type { Ground } from '../planted/write-backup';
import type { Service } from './service';

/** What happens in a healthy installation, and must cause no alarm. */
interface HealthSettings {
  readonly ground: Ground;
  readonly server: Influxd;
  readonly service: Service;
  /** Lets simulated time pass, and runs the watch. */
  readonly watchAfter: (ms: number) => Promise<WatchReport>;
}

type Health = (settings: HealthSettings) => Promise<readonly WatchReport[]>;

const minuteMs = 60_000;

export const healthyEvents: Readonly<Record<string, Health>> = {
  'a server that restarts': async ({ server, watchAfter }) => {
    const running = watchAfter(360 * minuteMs);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.kill();
    await server.restart();
    return [await running, await watchAfter(minuteMs)];
  },
  'a policy that expires': async ({ ground: { url }, service, watchAfter }) => {
    const { database } = service;
    await query(url, '', `CREATE RETENTION POLICY short ON ${database} DURATION INF REPLICATION 1 SHARD DURATION 1h`);
    for (const hours of [1, 5]) {
      await service.write([{ tags: { a: 'x', b: 'y' }, v: hours }], {
        retentionPolicy: 'short',
        agoMs: hours * 60 * minuteMs,
      });
    }
    await service.sink.flush();
    const before = await watchAfter(minuteMs);
    // What is older is over at once. InfluxDB looks every half an hour; this is what it does then.
    await query(url, '', `ALTER RETENTION POLICY short ON ${database} DURATION 2h`);
    for (const { name, columns, values } of await query(url, '', 'SHOW SHARDS')) {
      for (const row of name === database ? values : []) {
        const isOver = Date.parse(String(row[columns.indexOf('end_time')])) < Date.now() - 120 * minuteMs;
        if (isOver && row[columns.indexOf('retention_policy')] === 'short')
          await query(url, '', `DROP SHARD ${row[0]}`);
      }
    }
    return [before, await watchAfter(360 * minuteMs)];
  },
  'an upload that is late': async ({ service, watchAfter }) => {
    service.refuses = 'everything';
    await service.write([
      { tags: { a: 'x', b: 'y' }, v: 2 },
      { tags: { a: 'y', b: 'x' }, v: 3 },
    ]);
    const late = [await watchAfter(10 * minuteMs), await watchAfter(10 * minuteMs)];
    service.refuses = 'nothing';
    await service.sink.flush();
    return [...late, await watchAfter(minuteMs), await watchAfter(minuteMs)];
  },
};
