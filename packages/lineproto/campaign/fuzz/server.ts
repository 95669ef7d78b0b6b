import { request } from 'node:http';

/** A row as the server returns it. */
export interface StoredPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The values; integers are `bigint` if the server says that the field is one. */
  readonly fields: Readonly<Record<string, number | bigint | boolean | string>>;
  readonly timestamp: bigint;
}

export interface WriteAnswer {
  readonly status: number;
  readonly message: string;
}

export interface WriteAndRead {
  readonly answer: WriteAnswer;
  readonly points: readonly StoredPoint[];
}

/** Stands for the answer of a server that a write crashed. */
const DEAD: WriteAndRead = { answer: { status: 0, message: 'the server died of it' }, points: [] };

/** Writes bytes to a real server and reads back all that it has stored. */
export class FuzzServer {
  readonly #url: string;
  readonly #revive: () => Promise<void>;
  #databases = 0;

  constructor({ url, restart }: { readonly url: string; restart(): Promise<void> }) {
    this.#url = url;
    this.#revive = restart;
  }

  /**
   * Writes to a new database and reads everything back. A server that crashes is started again, and counts as having stored
   * nothing.
   */
  async writeAndRead(lines: Buffer): Promise<WriteAndRead> {
    try {
      return await this.#writeAndRead(lines);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await this.#revive();
      return DEAD;
    }
  }

  async #writeAndRead(lines: Buffer): Promise<WriteAndRead> {
    this.#databases += 1;
    const database = `ceres_test_fuzz_${process.pid}_${this.#databases}`;
    // One shard holds a century: hostile timestamps would otherwise make thousands of shards.
    await this.#query('', `CREATE DATABASE ${database} WITH DURATION INF SHARD DURATION 5000w`);
    const answer = await this.#write(database, lines);
    try {
      return { answer, points: await this.#readAll(database) };
    } catch (error) {
      if (!(error instanceof QueryError) || !/\[panic:/.test(error.message)) throw error;
      // InfluxDB 1.6.7 can store a new field with both types that a batch gives it, and then cannot read it.
      return { answer: { status: 500, message: error.message }, points: [] };
    } finally {
      await this.#query('', `DROP DATABASE ${database}`);
    }
  }

  async #write(database: string, lines: Buffer): Promise<WriteAnswer> {
    const { status, body } = await this.#post(`/write?db=${database}&precision=n`, lines);
    return { status, message: body.toString('utf8').slice(0, 2_000) };
  }

  async #readAll(database: string): Promise<StoredPoint[]> {
    const types = new Map<string, string>();
    const measurements = new Set<string>();
    for (const { name, values } of await this.#query(database, 'SHOW FIELD KEYS')) {
      measurements.add(name);
      for (const [key, type] of values) types.set(`${name}\n${String(key)}`, String(type));
    }
    const points: StoredPoint[] = [];
    for (const { name, tags, columns, values } of await this.#selectAll(database, measurements)) {
      for (const row of values) {
        const fields: Record<string, number | bigint | boolean | string> = {};
        columns.forEach((column, i) => {
          const value = row[i];
          if (i === 0 || value === null || value === undefined) return;
          fields[column] = types.get(`${name}\n${column}`) === 'integer' ? BigInt(exactText(value)) : inexact(value);
        });
        const stored = Object.fromEntries(Object.entries(tags ?? {}).filter(([, value]) => value !== ''));
        points.push({ measurement: name, tags: stored, fields, timestamp: BigInt(exactText(row[0])) });
      }
    }
    return points;
  }

  /** Selects with one statement per measurement: a statement over several casts a field to one type for all of them. */
  async #selectAll(database: string, measurements: ReadonlySet<string>): Promise<readonly Series[]> {
    if (measurements.size === 0) return [];
    const statements = [...measurements].map((name) => `SELECT * FROM ${source(name)} GROUP BY *`);
    return this.#query(database, statements.join('; '));
  }

  async #query(database: string, q: string): Promise<readonly Series[]> {
    const parameters = new URLSearchParams({ epoch: 'ns', ...(database === '' ? {} : { db: database }) });
    const form = Buffer.from(new URLSearchParams({ q }).toString());
    const { body } = await this.#post(`/query?${parameters.toString()}`, form);
    const answer = JSON.parse(keepLongIntegers(body.toString('utf8'))) as Answer;
    const error = answer.error ?? answer.results?.find((result) => result.error)?.error;
    if (error !== undefined) throw new QueryError(`${q}: ${error}`);
    return (answer.results ?? []).flatMap((result) => result.series ?? []);
  }

  /**
   * Posts with node:http: a bad line with control characters makes the server send headers that `fetch` refuses, and long ones.
   */
  #post(path: string, body: Buffer): Promise<{ readonly status: number; readonly body: Buffer }> {
    return new Promise((resolve, reject) => {
      const headers = path.startsWith('/query') ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
      const options = {
        method: 'POST',
        headers,
        agent: false,
        insecureHTTPParser: true,
        maxHeaderSize: 64 * 1024 * 1024,
      };
      const sent = request(new URL(path, this.#url), options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

class QueryError extends Error {}

function isConnectionLost(error: unknown): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Returns a measurement for a FROM clause. InfluxQL cannot quote every name that line protocol can carry: a pattern finds the others. */
function source(name: string): string {
  return /[\r\0\n\ufffd]/.test(name)
    ? `/^${Array.from(name, pattern).join('')}$/`
    : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

function pattern(character: string): string {
  if (character === '\ufffd') return '[^[:ascii:]]+';
  if (/[\r\0\n]/.test(character)) return '[[:cntrl:]]';
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

interface Series {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

interface Answer {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly series?: readonly Series[] }[];
}

/** Marks long integers, which JSON.parse would round: they become strings that begin with this. No name or value of the campaign does. */
const MARK = '\ue000';

function keepLongIntegers(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    /^-?\d{16,}$/.test(token) ? `"${MARK}${token}"` : token,
  );
}

function exactText(value: unknown): string {
  const text = String(value);
  return text.startsWith(MARK) ? text.slice(1) : text;
}

function inexact(value: unknown): number | boolean | string {
  if (typeof value === 'string') return value.startsWith(MARK) ? Number(value.slice(1)) : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  throw new Error(`not a field value: ${JSON.stringify(value)}`);
}
