/** What a policy is for, checked. */
export interface Wanted {
  readonly bucket: string;
  /** `''`, or a folder that ends in `/`. */
  readonly prefix: string;
  /** The prefixes that the writer may create under, with `prefix` before each: `['']` is everything. */
  readonly written: readonly string[];
  /** The one instance that the writer is narrowed to. */
  readonly instance: string | undefined;
  readonly expireAfterDays: number;
  readonly lockForDays: number;
}

/** What a store needs. */
export interface Policy {
  /** Each policy by its name, as the store takes it. */
  readonly documents: Readonly<Record<string, object>>;
  /** The commands that set them, for a shell. */
  readonly script: string;
}
