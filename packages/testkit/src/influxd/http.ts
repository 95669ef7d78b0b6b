/** One series of the answer to a statement, as InfluxDB's JSON has it. */
export interface QuerySeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

interface QueryAnswer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly (Omit<QuerySeries, 'values'> & Partial<Pick<QuerySeries, 'values'>>)[];
  }[];
}

/**
 * Sends a statement to a server, and throws any error that the server reports. `url` may contain `user:password@`.
 *
 * Times are RFC 3339, and JSON rounds integers beyond 2^53: this is a helper for tests, not a client.
 */
export async function query(url: string | URL, database: string, q: string): Promise<QuerySeries[]> {
  const { target, headers } = request(url, '/query', { db: database });
  const response = await fetch(target, { method: 'POST', headers, body: new URLSearchParams({ q }) });
  const answer = (await response.json()) as QueryAnswer;
  const error = answer.error ?? answer.results?.find((result) => result.error)?.error;
  if (error !== undefined) throw new Error(`${q}: ${error}`);
  // A series without rows has no `values`.
  return (answer.results ?? []).flatMap(({ series = [] }) =>
    series.map((one) => ({ ...one, values: one.values ?? [] })),
  );
}

/** Posts line protocol and returns the server's answer unchanged, whatever it is. */
export async function writeRaw(
  url: string | URL,
  database: string,
  lines: string | Uint8Array,
  parameters: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: string }> {
  const { target, headers } = request(url, '/write', { db: database, ...parameters });
  const body = typeof lines === 'string' ? lines : Buffer.from(lines);
  const response = await fetch(target, { method: 'POST', headers, body });
  return { status: response.status, body: await response.text() };
}

/** Turns the credentials of a URL into a header, because `fetch` refuses a URL that contains them. */
function request(url: string | URL, path: string, parameters: Readonly<Record<string, string>>) {
  const target = new URL(path, url);
  const { username, password } = new URL(url);
  target.username = target.password = '';
  target.search = new URLSearchParams(parameters).toString();
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers: Record<string, string> =
    username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return { target, headers };
}
