/** A stored object with the metadata that its uploader declared. */
export interface FakeObject {
  readonly bytes: Uint8Array;
  readonly createdMs: number;
  /** Grows by one with every overwrite. */
  readonly generation: number;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentEncoding?: string;
}

const nothing = new Uint8Array();

/** An order of names, as for `Array.sort`. */
export type NameOrder = (a: string, b: string) => number;

/** The objects of a bucket, by name. */
export class FakeBucket {
  readonly #objects = new Map<string, FakeObject>();
  readonly #order: NameOrder;
  /** The names in their order; sorted again after one was added or removed. */
  #sorted: readonly string[] | undefined;

  constructor(order: NameOrder = byBytes) {
    this.#order = order;
  }

  get(name: string): FakeObject | undefined {
    return this.#objects.get(name);
  }

  set(name: string, object: FakeObject): void {
    if (!this.#objects.has(name)) this.#sorted = undefined;
    this.#objects.set(name, object);
  }

  delete(name: string): void {
    this.#objects.delete(name);
    this.#sorted = undefined;
  }

  /** Adds empty objects, for listings so large that uploading each object would take too long. */
  seed(names: Iterable<string>): void {
    const object = { bytes: nothing, createdMs: Date.now(), generation: 1 };
    for (const name of names) this.#objects.set(name, object);
    this.#sorted = undefined;
  }

  /** Returns all names in the order of a listing. */
  names(): readonly string[] {
    this.#sorted ??= [...this.#objects.keys()].sort(this.#order);
    return this.#sorted;
  }

  /** Returns the index in `names()` of the first name that is not before `name`. */
  placeOf(name: string): number {
    const names = this.names();
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order(names[middle] ?? '', name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Compares by UTF-16 units, as Azure does. */
export function byUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Compares by UTF-8 bytes. Ceres has its own comparison, but a fake that used it could not reveal an error in it. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
