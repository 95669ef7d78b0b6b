import { join } from 'node:path';
import { BackupSink, createTee, LocalStorage, type ObjectWriter } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { type Clock, StorageError } from '@ceres/storage';
import { type Ground, instance } from '../planted/write-backup';

/** A service that writes through a tee, and whose uploads a round holds up. */
export interface Service {
  readonly database: string;
  readonly sink: BackupSink;
  /** What the bucket refuses: nothing, files, or everything. */
  refuses: 'nothing' | 'files' | 'everything';
  /** Puts the sink's clock forward. */
  aheadMs: number;
  /** Writes points of some moment, by default the last two minutes, into a policy. */
  write(
    points: readonly { readonly tags: Record<string, string>; readonly v: number }[],
    to?: { readonly retentionPolicy?: string; readonly agoMs?: number },
  ): Promise<void>;
  end(): Promise<void>;
}

/** Starts a service of its own database, whose policy keeps everything. */
export async function startService({ url, root, folder, random }: Ground, database: string): Promise<Service> {
  const bucket = new LocalStorage(root);
  const influx = new InfluxWriter({ url });
  const clock: Clock = {
    now: () => Date.now() + service.aheadMs,
    sleep: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms).unref()),
  };
  const storage: ObjectWriter = {
    put: async (key, body, options) => {
      const isRefused = service.refuses === 'everything' || (service.refuses === 'files' && !key.startsWith('~'));
      if (isRefused) throw new StorageError('UNAVAILABLE', 'The bucket is away.', { key });
      return await bucket.put(key, body, options);
    },
  };
  const service: Service = {
    database,
    sink: undefined as unknown as BackupSink, // set below, before anybody sees it
    refuses: 'nothing',
    aheadMs: 0,
    write: async (points, { agoMs = 60_000, ...policy } = {}) => {
      const startNs = BigInt(Date.now() - agoMs - Math.floor(random() * 60_000)) * 1_000_000n;
      const all = points.map(({ tags, v }, n) => ({
        measurement: 'own',
        tags,
        fields: { v },
        timestamp: startNs + BigInt(n) * 1_000_000n,
      }));
      await tee.write({ database, ...policy }, all);
    },
    end: async () => {
      await service.sink.close({ timeoutMs: service.refuses === 'nothing' ? 30_000 : 0 }).catch(() => undefined);
      await influx.close();
    },
  };
  const sink = await BackupSink.open({
    storage,
    spoolDir: join(folder, 'spool-own'),
    precision: 'ns',
    heartbeatMs: 100,
    clock,
  });
  const tee = createTee(influx, sink, { instance });
  return Object.assign(service, { sink });
}
