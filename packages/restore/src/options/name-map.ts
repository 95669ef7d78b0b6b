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
