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

/** The objects of a bucket, by name. */
export class FakeBucket {
  readonly #objects = new Map<string, FakeObject>();
  /** The names in byte order; sorted again after one was added or removed. */
  #sorted: readonly string[] | undefined;

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

  /** Returns all names in byte order. */
  names(): readonly string[] {
    this.#sorted ??= [...this.#objects.keys()].sort(byBytes);
    return this.#sorted;
  }

  /** Returns the index in `names()` of the first name that is not before `name`. */
  placeOf(name: string): number {
    const names = this.names();
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (byBytes(names[middle] ?? '', name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Compares by UTF-8 bytes. Ceres has its own comparison, but a fake that used it could not reveal an error in it. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
