type Section =
  | 'meta'
  | 'data'
  | 'coordinator'
  | 'retention'
  | 'shard-precreation'
  | 'monitor'
  | 'http'
  | 'logging'
  | 'continuous_queries';

/**
 * Settings of influxd by their own names, by section of `influxdb.conf`:
 * `{ coordinator: { 'write-timeout': '1ms' }, data: { 'max-series-per-database': 10 } }`.
 */
export type InfluxdSettings = { readonly [S in Section]?: Readonly<Record<string, string | number | boolean>> };

export interface Ports {
  readonly http: number;
  /** The port for `influxd backup`. influxd listens on it in any case. */
  readonly rpc: number;
}

/**
 * Renders influxd's configuration file: everything inside `directory`, on the loopback interface only, with little log
 * output. `settings` override these defaults.
 */
export function renderConfig(directory: string, ports: Ports, settings: InfluxdSettings): string {
  const ours: InfluxdSettings = {
    meta: { dir: `${directory}/meta`, 'logging-enabled': false },
    data: { dir: `${directory}/data`, 'wal-dir': `${directory}/wal`, 'query-log-enabled': false },
    monitor: { 'store-enabled': false },
    http: { 'bind-address': `127.0.0.1:${ports.http}`, 'log-enabled': false },
    logging: { level: 'error', 'suppress-logo': true },
    continuous_queries: { 'log-enabled': false },
  };
  const sections = new Set([...Object.keys(ours), ...Object.keys(settings)] as Section[]);
  const lines = ['reporting-disabled = true', `bind-address = "127.0.0.1:${ports.rpc}"`];
  for (const section of sections) {
    lines.push('', `[${section}]`);
    // Strings, numbers and booleans look the same in JSON and in TOML.
    for (const [name, value] of Object.entries({ ...ours[section], ...settings[section] })) {
      lines.push(`${name} = ${JSON.stringify(value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
