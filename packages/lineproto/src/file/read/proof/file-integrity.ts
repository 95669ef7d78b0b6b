/** Says what is wrong with a file that is not what was written. */
export type FileFault =
  | 'gzip-damaged' // the gzip data cannot be inflated, or does not match its CRC-32
  | 'cut-off' // it ends before its gzip data does
  | 'header-damaged' // the header does not match its own checksum
  | 'other-place' // the header names another instance, database or policy than the file's name
  | 'footer-wrong' // the footer certifies other lines than the file holds
  | 'footer-missing' // a file of this system that has no footer
  | 'behind-footer' // there is more behind the footer, which nothing certifies
  | 'summary-wrong' // the header's summary is not that of the lines
  | 'context-switch' // the body goes on to another database, policy or precision
  | 'endless-record'; // a record is longer than any server takes, or never ends

/** Something that is wrong with a file, and how to say it. */
export interface FileDamage {
  readonly fault: FileFault;
  readonly reason: string;
}

/** What a file turned out to be once it has been read. `lines` counts the records that were delivered. */
export type FileIntegrity =
  | { readonly status: 'sealed' } // the footer certifies every line
  | { readonly status: 'unsealed'; readonly lines: number } // whole as gzip, but from an older system, which wrote no footer
  | ({ readonly status: 'corrupt'; readonly lines: number } & FileDamage);

/** The place where a file is stored: what its name says that it holds. */
export interface FilePlace {
  readonly instance: string;
  readonly database: string;
  /** Absent or `''` is the default policy. */
  readonly retentionPolicy?: string;
  /** True for a file that switches between policies; it has no `retentionPolicy` of its own. */
  readonly mixed?: boolean;
}
