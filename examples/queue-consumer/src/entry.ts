/** What a producer adds to the stream: `XADD telemetry * database db_0 lines 'room,floor=3 celsius=21.5 1795421700'`. */
export interface Entry {
  readonly database: string;
  readonly retentionPolicy?: string;
  /** Line protocol: any number of lines, with timestamps in seconds. */
  readonly lines: string;
}

/** Returns the entry, or a text that says what is missing. */
export function parseEntry(fields: Readonly<Record<string, string>>): Entry | string {
  const { database, retentionPolicy, lines } = fields;
  if (!database) return "the field 'database' is missing";
  if (!lines) return "the field 'lines' is missing";
  return { database, lines, ...(retentionPolicy && { retentionPolicy }) };
}
