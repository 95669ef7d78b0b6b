import { influxdAvailable } from '../binaries';
import { type Influxd, type InfluxdOptions, startInfluxd } from '../influxd';
import { influxdVersion, isVersion } from './version';
import { versionProxy } from './version-proxy';

/** The versions that a version proxy answers as in tests: one for each change of InfluxDB's answers. */
export const proxiedVersions: readonly string[] = ['1.8.10', '1.11.8', '1.12.4'];

/** An influxd of its own, and a proxy in front of it that answers as another version does. */
export interface ProxiedInfluxd {
  readonly influxd: Influxd;
  /** The proxy's. */
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** Returns whether there is an influxd whose answers a version proxy can change: one of 1.6. */
export async function versionProxyAvailable(): Promise<boolean> {
  return (await influxdAvailable()) && isVersion(await influxdVersion(), { before: '1.7' });
}

/** Starts an influxd behind a version proxy. */
export async function startProxiedInfluxd(version: string, options: InfluxdOptions = {}): Promise<ProxiedInfluxd> {
  const influxd = await startInfluxd(options);
  const proxy = await versionProxy(influxd, version);
  return {
    influxd,
    url: proxy.url,
    version,
    stop: async () => {
      await proxy.stop();
      await influxd.stop();
    },
  };
}
