import type { FileHeader } from '@ceres/lineproto';
import type { ResolvedSelection } from '../options/selection';
import type { Destination, Destinations } from './destinations';
import type { Buckets } from './route/buckets';
import type { Lanes } from './route/lanes';
import { RecordFilter } from './route/record-filter';

/** What the routes of a file are made from. */
export interface RouteSettings {
  readonly selection: ResolvedSelection;
  readonly destinations: Destinations;
  readonly lanes: Lanes;
}

/** The way of records to the server, and which of them take it. */
export interface Route {
  readonly buckets: Buckets;
  readonly filter: RecordFilter;
}

/** The ways of one file's records to the lanes: one for each policy, of which a mixed file has several. */
export class FileRoutes {
  readonly #header: FileHeader;
  readonly #settings: RouteSettings;
  readonly #destinations = new Map<string, { readonly destination: Destination; readonly filter: RecordFilter }>();
  #policy: string | undefined;
  #route: Route | undefined;

  constructor(header: FileHeader, settings: RouteSettings) {
    this.#header = header;
    this.#settings = settings;
    for (const retentionPolicy of this.#policies()) {
      const destination = settings.destinations.of({ ...header, retentionPolicy });
      if (destination === undefined) continue;
      const { to, keptFrom } = destination;
      const filter = new RecordFilter({ header, precision: to.precision, selection: settings.selection, keptFrom });
      this.#destinations.set(retentionPolicy, { destination, filter });
    }
  }

  /** The policies of the file that no key in the plan names. */
  get foreign(): readonly string[] {
    return this.#policies().filter((policy) => !this.#destinations.has(policy));
  }

  /** Resolves with the route of records of this policy; `undefined` if they are not selected. */
  async of(retentionPolicy = this.#header.retentionPolicy): Promise<Route | undefined> {
    if (retentionPolicy === this.#policy) return this.#route;
    const found = this.#destinations.get(retentionPolicy);
    const buckets = found && (await this.#settings.lanes.bucketsFor(found.destination.to));
    this.#policy = retentionPolicy;
    this.#route = buckets && { buckets, filter: found.filter };
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
