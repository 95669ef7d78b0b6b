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
 * Settings of influxd in its own words, by section of `influxdb.conf`:
 * `{ coordinator: { 'write-timeout': '1ms' }, data: { 'max-series-per-database': 10 } }`.
 */
export type InfluxdSettings = { readonly [S in Section]?: Readonly<Record<string, string | number | boolean>> };

export interface Ports {
  readonly http: number;
  /** For `influxd backup`, and bound whether wanted or not. */
  readonly rpc: number;
}

/** The file influxd reads: everything inside `directory`, on the loopback only, quiet, and `settings` last. */
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
    // JSON writes strings, numbers and booleans as TOML does.
    for (const [name, value] of Object.entries({ ...ours[section], ...settings[section] })) {
      lines.push(`${name} = ${JSON.stringify(value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
