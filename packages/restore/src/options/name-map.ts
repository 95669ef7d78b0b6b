import { check } from './checks';

type Names = Readonly<Record<string, string>>;

/** Says under which names the databases and policies of a backup are restored, or stand on the server. */
export class NameMap {
  readonly databases: Names;
  readonly retentionPolicies: Names;

  /** @throws RestoreError `INVALID_OPTIONS` */
  constructor(databases: Names = {}, retentionPolicies: Names = {}) {
    checkNames('mapDatabase', databases);
    checkNames('mapRetentionPolicy', retentionPolicies);
    this.databases = Object.freeze({ ...databases });
    this.retentionPolicies = Object.freeze({ ...retentionPolicies });
  }

  /** Returns the name that a database of the backup has on the server. */
  database(inBackup: string): string {
    return Object.hasOwn(this.databases, inBackup) ? (this.databases[inBackup] as string) : inBackup;
  }

  /** Returns the name that a policy of the backup has on the server; `''` is the default policy of either. */
  retentionPolicy(inBackup: string): string {
    return Object.hasOwn(this.retentionPolicies, inBackup) ? (this.retentionPolicies[inBackup] as string) : inBackup;
  }
}

function checkNames(option: string, names: unknown): void {
  check.that(typeof names === 'object' && names !== null, option, 'an object from name to name', names);
  for (const [from, to] of Object.entries(names as object)) {
    if (option === 'mapRetentionPolicy' && to === '') continue; // the default policy
    check.text(`${option}['${from}']`, to);
  }
}
