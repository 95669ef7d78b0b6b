/** A stored object with what the uploader said of it. */
export interface FakeObject {
  readonly bytes: Uint8Array;
  readonly createdMs: number;
  /** Raised by every overwrite. */
  readonly generation: number;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentEncoding?: string;
}

const nothing = new Uint8Array();

/** The objects of a bucket, by name. */
export class FakeBucket {
  readonly #objects = new Map<string, FakeObject>();
  /** In byte order; made again after a change of the names. */
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

  /** Puts empty objects there, for listings of a size that uploads would take too long to make. */
  seed(names: Iterable<string>): void {
    const object = { bytes: nothing, createdMs: Date.now(), generation: 1 };
    for (const name of names) this.#objects.set(name, object);
    this.#sorted = undefined;
  }

  /** In byte order. */
  names(): readonly string[] {
    this.#sorted ??= [...this.#objects.keys()].sort(byBytes);
    return this.#sorted;
  }

  /** The place in `names()` of the first that is not before `name`. */
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

/** Ceres has its own comparison; a fake that borrowed it could not find it wrong. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
