/** The ports of a throwaway server, both on the loopback interface. */
export interface Ports {
  readonly http: number;
  /** The port of the snapshot service. */
  readonly snapshot: number;
}

/**
 * Returns the configuration of a server that lives for one drill: inside one folder, on the loopback interface, and with nothing that works in the
 * background. It has no limits on series and values: those of production are not known here, and would look like a fault of the backup.
 */
export function influxdConfig(folder: string, { http, snapshot }: Ports): string {
  const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
    meta: { dir: `${folder}/meta`, 'logging-enabled': false },
    data: {
      dir: `${folder}/data`,
      'wal-dir': `${folder}/wal`,
      'query-log-enabled': false,
      'max-series-per-database': 0,
      'max-values-per-tag': 0,
    },
    http: { 'bind-address': `127.0.0.1:${http}`, 'log-enabled': false },
    logging: { level: 'error', 'suppress-logo': true },
    monitor: { 'store-enabled': false },
    retention: { enabled: false },
    'shard-precreation': { enabled: false },
    subscriber: { enabled: false },
    continuous_queries: { enabled: false },
  };
  const lines = ['reporting-disabled = true', `bind-address = "127.0.0.1:${snapshot}"`];
  for (const [section, settings] of Object.entries(sections)) {
    lines.push('', `[${section}]`);
    // Strings, numbers and booleans look the same in JSON and in TOML.
    for (const [name, value] of Object.entries(settings)) lines.push(`${name} = ${JSON.stringify(value)}`);
  }
  return `${lines.join('\n')}\n`;
}
