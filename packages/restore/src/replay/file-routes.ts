import type { FileHeader } from '@ceres/lineproto';
import type { ResolvedSelection } from '../options/selection';
import type { FileFinding } from '../read/finding';
import type { Destination, Destinations } from './destinations';
import type { WriteAddress } from './route/body';
import { RecordFilter } from './route/record-filter';

/** What the routes of a file are made from. */
export interface RouteSettings<T> {
  readonly selection: ResolvedSelection;
  readonly destinations: Destinations;
  /** Returns what takes the records for an address. */
  readonly open: (to: WriteAddress, filter: RecordFilter) => Promise<T>;
}

/** The ways of one file's records: one for each policy, of which a mixed file has several. */
export class FileRoutes<T> {
  readonly #header: FileHeader;
  readonly #settings: RouteSettings<T>;
  readonly #destinations = new Map<string, { readonly destination: Destination; readonly filter: RecordFilter }>();
  #policy: string | undefined;
  #route: T | undefined;

  constructor(header: FileHeader, settings: RouteSettings<T>) {
    this.#header = header;
    this.#settings = settings;
    const { from, until, measurements } = settings.selection;
    for (const retentionPolicy of this.#policies()) {
      const destination = settings.destinations.of({ ...header, retentionPolicy });
      if (destination === undefined) continue;
      const { to, keptFrom } = destination;
      const filter = new RecordFilter({
        header: { ...(header.summary && { summary: header.summary }) },
        precision: to.precision,
        selection: { from, until, measurements },
        keptFrom,
      });
      this.#destinations.set(retentionPolicy, { destination, filter });
    }
  }

  /** The policies of the file that no key in the plan names. */
  get foreign(): readonly string[] {
    return this.#policies().filter((policy) => !this.#destinations.has(policy));
  }

  /** Resolves with what takes records of this policy; `undefined` if they are not selected. */
  async of(retentionPolicy = this.#header.retentionPolicy): Promise<T | undefined> {
    if (retentionPolicy === this.#policy) return this.#route;
    const found = this.#destinations.get(retentionPolicy);
    this.#route = found && (await this.#settings.open(found.destination.to, found.filter));
    this.#policy = retentionPolicy;
    return this.#route;
  }

  /** The key of a file selects its policy, and only a mixed file has others. */
  #policies(): readonly string[] {
    const { mixed, retentionPolicy } = this.#header;
    const { selection, destinations } = this.#settings;
    const isSelected = (policy: string) =>
      selection.retentionPolicies?.has(policy) !== false &&
      !destinations.isLeftOut({ ...this.#header, retentionPolicy: policy });
    return mixed?.filter(isSelected) ?? [retentionPolicy];
  }
}

/** Returns the finding about a file whose header names a policy that no key in the plan names. */
export function foreignFinding(key: string, { database, retentionPolicy }: FileHeader): FileFinding {
  const names = `database '${database}' and policy '${retentionPolicy}'`;
  const reason = `its header names ${names}, but no key in the plan does: store the file under the key that its header tells`;
  return { name: key, key, problem: 'other-place', reason };
}
