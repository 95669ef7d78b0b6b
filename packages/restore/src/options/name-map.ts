import { InfluxHttpError, type InfluxServer, InfluxWriter } from '@ceres/influx-http';
import { RestoreError } from '../errors';
import { require } from './checks';

type Names = Readonly<Record<string, string>>;

/** Where a source's databases and policies go. */
export class TargetNames {
  readonly databases: Names;
  readonly retentionPolicies: Names;

  /** @throws RestoreError `INVALID_OPTIONS` */
  constructor(databases: Names = {}, retentionPolicies: Names = {}) {
    checkNames('mapDatabase', databases);
    checkNames('mapRetentionPolicy', retentionPolicies);
    this.databases = Object.freeze({ ...databases });
    this.retentionPolicies = Object.freeze({ ...retentionPolicies });
  }

  database(source: string): string {
    return Object.hasOwn(this.databases, source) ? (this.databases[source] as string) : source;
  }

  /** `''` is the default policy, of the source and of the target. */
  retentionPolicy(source: string): string {
    return Object.hasOwn(this.retentionPolicies, source) ? (this.retentionPolicies[source] as string) : source;
  }
}

function checkNames(option: string, names: Names): void {
  for (const [from, to] of Object.entries(names)) {
    const ok = typeof to === 'string' && (to !== '' || option === 'mapRetentionPolicy');
    require(ok, `${option} sends '${from}' to ${JSON.stringify(to)}, which is no name.`);
  }
}

/** @throws RestoreError `INVALID_OPTIONS` with the reason of the package that will use it */
export function checkServer(server: InfluxServer): InfluxServer {
  try {
    new InfluxWriter(server);
  } catch (error) {
    if (!(error instanceof InfluxHttpError)) throw error;
    throw new RestoreError('INVALID_OPTIONS', `target: ${error.message}`, { cause: error });
  }
  return server;
}

/** Without credentials: for messages and the journal. */
export function shownUrl({ url }: InfluxServer): string {
  const shown = new URL(url);
  shown.username = shown.password = '';
  return shown.href;
}
